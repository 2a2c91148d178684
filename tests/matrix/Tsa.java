import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.cmp.PKIStatusInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.bouncycastle.util.CollectionStore;

/**
 * Timestamp authorities made of Bouncy Castle: http://127.0.0.1:PORT/rsa, /ec and /sm2; each also answers wrongly, under
 * /rsa/imprint, /rsa/nonce, /rsa/refused and /rsa/garbage.
 *
 * usage: Tsa FOLDER; takes FOLDER/tsa-NAME.key and .pem and FOLDER/issuing-NAME.pem, prints its address and serves until its
 * standard input ends.
 */
public final class Tsa {
    private static final ASN1ObjectIdentifier POLICY = new ASN1ObjectIdentifier("1.2.3.4.1");
    private static final Map<String, String> ALGORITHMS = Map.of("rsa", "SHA256withRSA", "ec", "SHA256withECDSA", "sm2", "SM3withSM2");

    private final PrivateKey key;
    private final X509CertificateHolder cert, issuer;
    private final String algorithm;

    Tsa(Path folder, String name) throws Exception {
        key = key(folder.resolve("tsa-" + name + ".key"));
        cert = cert(folder.resolve("tsa-" + name + ".pem"));
        issuer = cert(folder.resolve("issuing-" + name + ".pem"));
        algorithm = ALGORITHMS.get(name);
    }

    static PrivateKey key(Path path) throws Exception {
        try (PEMParser pem = new PEMParser(Files.newBufferedReader(path))) {
            return new JcaPEMKeyConverter().setProvider("BC").getPrivateKey((PrivateKeyInfo) pem.readObject());
        }
    }

    static X509CertificateHolder cert(Path path) throws Exception {
        try (PEMParser pem = new PEMParser(Files.newBufferedReader(path))) {
            return (X509CertificateHolder) pem.readObject();
        }
    }

    /** A token over this imprint; nonce may be null. */
    TimeStampToken token(ASN1ObjectIdentifier imprintAlgorithm, byte[] imprint, BigInteger nonce) throws Exception {
        DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
        TimeStampTokenGenerator g = new TimeStampTokenGenerator(
                new JcaSignerInfoGeneratorBuilder(digests).build(new JcaContentSignerBuilder(algorithm).setProvider("BC").build(key), cert),
                digests.get(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256)), POLICY);
        g.addCertificates(new CollectionStore<>(List.of(cert, issuer)));
        TimeStampRequestGenerator request = new TimeStampRequestGenerator();
        request.setCertReq(true);
        BigInteger serial = new BigInteger(63, new SecureRandom()).add(BigInteger.ONE);
        return g.generate(request.generate(imprintAlgorithm, imprint, nonce), serial, new Date());
    }

    private byte[] answer(TimeStampRequest asked, String fault) throws Exception {
        byte[] imprint = asked.getMessageImprintDigest();
        BigInteger nonce = asked.getNonce();
        switch (fault) {
        case "garbage":
            return "<html>TEST</html>".getBytes();
        case "refused":
            return new TimeStampResp(new PKIStatusInfo(PKIStatus.rejection), null).getEncoded();
        case "imprint":
            imprint[0] ^= 1;
            break;
        case "nonce":
            nonce = nonce.add(BigInteger.ONE);
            break;
        default:
            break;
        }
        TimeStampToken token = token(asked.getMessageImprintAlgOID(), imprint, nonce);
        return new TimeStampResp(new PKIStatusInfo(PKIStatus.granted), token.toCMSSignedData().toASN1Structure()).getEncoded("DER");
    }

    private void handle(HttpExchange http) throws IOException {
        byte[] reply;
        int status = 200;
        try {
            String[] path = http.getRequestURI().getPath().split("/");
            reply = answer(new TimeStampRequest(http.getRequestBody().readAllBytes()), path.length > 2 ? path[2] : "");
        } catch (Exception e) {
            reply = String.valueOf(e).getBytes();
            status = 500;
        }
        http.getResponseHeaders().set("Content-Type", "application/timestamp-reply");
        http.sendResponseHeaders(status, reply.length);
        http.getResponseBody().write(reply);
        http.close();
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        for (String name : ALGORITHMS.keySet())
            server.createContext("/" + name, new Tsa(Path.of(args[0]), name)::handle);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort());
        while (System.in.read() >= 0) {
            /* until the other end is closed */
        }
        System.exit(0);
    }
}
