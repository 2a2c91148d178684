import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Security;
import java.security.Signature;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.cos.COSString;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.form.PDAcroForm;
import org.apache.pdfbox.pdmodel.interactive.form.PDField;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.DefaultCMSSignatureAlgorithmNameGenerator;
import org.bouncycastle.cms.SignerId;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.DefaultAlgorithmNameFinder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampToken;

/**
 * What PDFBox and Bouncy Castle say about the signatures of PDF files.
 *
 * usage: Driver ROOTS.pem; standard input: one file a line, optionally a tab and its password; standard output: one JSON
 * object a line a file:
 *   {"file", "pages", "signatures": [{"field", "subfilter", "end", "whole", "cms", "algorithm", "trusted", "timestamp",
 *    "revocation"}], "error"}
 * in the order of signing. cms: "valid" or what is wrong; timestamp: "" for none, "valid" or what is wrong; revocation: ""
 * without DSS, "complete" when every certificate below the roots (of signer and timestamp) has a CRL or OCSP response there
 * that verifies, else what is missing.
 */
public final class Driver {
    private static final JcaX509CertificateConverter CERTIFICATES = new JcaX509CertificateConverter().setProvider("BC");
    private static Set<TrustAnchor> anchors = new HashSet<>();
    private static List<X509CertificateHolder> roots = new ArrayList<>();

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        try (PEMParser pem = new PEMParser(Files.newBufferedReader(Path.of(args[0])))) {
            for (Object o; (o = pem.readObject()) != null;) {
                roots.add((X509CertificateHolder) o);
                anchors.add(new TrustAnchor(CERTIFICATES.getCertificate((X509CertificateHolder) o), null));
            }
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null;) {
            String[] parts = line.split("\t", 2);
            out.println(Json.of(file(parts[0], parts.length > 1 ? parts[1] : "")));
        }
    }

    private static Map<String, Object> file(String path, String password) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("file", path);
        try {
            byte[] bytes = Files.readAllBytes(Path.of(path));
            try (PDDocument doc = PDDocument.load(bytes, password)) {
                said.put("pages", doc.getNumberOfPages());
                said.put("signatures", signatures(doc, bytes));
            }
        } catch (Exception | LinkageError e) {
            said.put("error", word(e));
        }
        return said;
    }

    private static List<Map<String, Object>> signatures(PDDocument doc, byte[] bytes) throws IOException {
        List<Map<String, Object>> said = new ArrayList<>();
        PDAcroForm form = doc.getDocumentCatalog().getAcroForm(null);
        if (form == null)
            return said;
        Dss dss = Dss.of(doc);
        for (PDField field : form.getFieldTree()) {
            if (field instanceof PDSignatureField && ((PDSignatureField) field).getSignature() != null)
                said.add(signature((PDSignatureField) field, bytes, dss));
        }
        said.sort(Comparator.comparing(s -> (Integer) s.get("end")));
        return said;
    }

    private static Map<String, Object> signature(PDSignatureField field, byte[] bytes, Dss dss) {
        Map<String, Object> said = new LinkedHashMap<>();
        PDSignature sig = field.getSignature();
        said.put("field", field.getFullyQualifiedName());
        said.put("subfilter", sig.getSubFilter());
        said.put("algorithm", "");
        said.put("timestamp", "");
        said.put("revocation", "");
        said.put("trusted", false);
        int[] range = sig.getByteRange();
        boolean fits = range.length == 4 && range[0] == 0 && range[1] > 0 && range[2] > range[1] + 1 && range[3] >= 0
                && (long) range[2] + range[3] <= bytes.length && bytes[range[1]] == '<' && bytes[range[2] - 1] == '>';
        said.put("end", fits ? range[2] + range[3] : 0);
        said.put("whole", fits && range[2] + range[3] == bytes.length);
        try {
            if (!fits)
                throw new IllegalArgumentException("ByteRange " + Arrays.toString(range));
            said.put("cms", cms(sig, sig.getSignedContent(bytes), sig.getContents(bytes), dss, said));
        } catch (Exception e) {
            said.put("cms", word(e));
        }
        return said;
    }

    private static String word(Throwable e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    /* ---- CMS ---- */

    private static String cms(PDSignature sig, byte[] content, byte[] contents, Dss dss, Map<String, Object> said) throws Exception {
        switch (sig.getSubFilter()) {
        case "ETSI.RFC3161":
            TimeStampToken token = new TimeStampToken(new CMSSignedData(contents));
            return ofToken(token, content, said, dss);
        case "adbe.x509.rsa_sha1":
            return rawRsa(sig, content, contents, said);
        case "adbe.pkcs7.sha1":
            CMSSignedData sha1 = new CMSSignedData(contents);
            byte[] inside = (byte[]) sha1.getSignedContent().getContent();
            if (!Arrays.equals(inside, MessageDigest.getInstance("SHA-1").digest(content)))
                return "digest";
            return ofSigner(sha1, said, dss);
        default:
            return ofSigner(new CMSSignedData(new CMSProcessableByteArray(content), contents), said, dss);
        }
    }

    private static String ofSigner(CMSSignedData cms, Map<String, Object> said, Dss dss) throws Exception {
        if (cms.getSignerInfos().size() != 1)
            return cms.getSignerInfos().size() + " signers";
        SignerInformation signer = cms.getSignerInfos().iterator().next();
        X509CertificateHolder cert = signerOf(signer.getSID(), cms);
        if (cert == null)
            return "certificate missing";
        said.put("algorithm", new Names().getSignatureName(signer.getDigestAlgorithmID(), encryption(signer)));
        Collection<X509CertificateHolder> all = certificates(cms);
        said.put("trusted", trusted(cert, all, dss));
        Set<X509CertificateHolder> needed = new HashSet<>(all);
        if (!signer.verify(verifier(cert)))
            return "signature";
        said.put("timestamp", attributeTimestamp(signer, needed));
        said.put("revocation", dss == null ? "" : dss.missing(needed));
        return "valid";
    }

    private static String attributeTimestamp(SignerInformation signer, Set<X509CertificateHolder> needed) {
        Attribute attribute = signer.getUnsignedAttributes() == null ? null
                : signer.getUnsignedAttributes().get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        if (attribute == null)
            return "";
        try {
            TimeStampToken token = new TimeStampToken(new CMSSignedData(attribute.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded()));
            needed.addAll(certificates(token.toCMSSignedData()));
            return token(token, signer.getSignature());
        } catch (Exception e) {
            return word(e);
        }
    }

    private static String ofToken(TimeStampToken token, byte[] content, Map<String, Object> said, Dss dss) throws Exception {
        SignerInformation signer = token.toCMSSignedData().getSignerInfos().iterator().next();
        said.put("algorithm", new Names().getSignatureName(signer.getDigestAlgorithmID(), encryption(signer)));
        said.put("trusted", trusted(signerOf(token.getSID(), token.toCMSSignedData()), certificates(token.toCMSSignedData()), dss));
        said.put("revocation", dss == null ? "" : dss.missing(new HashSet<>(certificates(token.toCMSSignedData()))));
        return token(token, content);
    }

    private static String token(TimeStampToken token, byte[] stamped) throws Exception {
        String alg = token.getTimeStampInfo().getMessageImprintAlgOID().getId();
        if (!Arrays.equals(MessageDigest.getInstance(alg, "BC").digest(stamped), token.getTimeStampInfo().getMessageImprintDigest()))
            return "imprint";
        X509CertificateHolder cert = signerOf(token.getSID(), token.toCMSSignedData());
        if (cert == null)
            return "certificate missing";
        token.validate(verifier(cert));
        return "valid";
    }

    /** PKCS#1 signature over SHA-1, certificates in /Cert. */
    private static String rawRsa(PDSignature sig, byte[] content, byte[] contents, Map<String, Object> said) throws Exception {
        COSBase cert = sig.getCOSObject().getDictionaryObject(COSName.CERT);
        if (cert instanceof COSArray)
            cert = ((COSArray) cert).getObject(0);
        Signature rsa = Signature.getInstance("SHA1withRSA", "BC");
        rsa.initVerify(CERTIFICATES.getCertificate(
                new X509CertificateHolder(new ASN1InputStream(((COSString) cert).getBytes()).readObject().getEncoded())));
        rsa.update(content);
        said.put("algorithm", "SHA1withRSA");
        said.put("trusted", true); /* not asked */
        return rsa.verify(ASN1OctetString.getInstance(new ASN1InputStream(contents).readObject()).getOctets()) ? "valid" : "signature";
    }

    private static AlgorithmIdentifier encryption(SignerInformation signer) {
        return signer.toASN1Structure().getDigestEncryptionAlgorithm();
    }

    private static X509CertificateHolder signerOf(SignerId sid, CMSSignedData cms) {
        return certificates(cms).stream().filter(sid::match).findFirst().orElse(null);
    }

    private static Collection<X509CertificateHolder> certificates(CMSSignedData cms) {
        return cms.getCertificates().getMatches(null);
    }

    private static SignerInformationVerifier verifier(X509CertificateHolder cert) throws Exception {
        return new JcaSignerInfoVerifierBuilder(new JcaDigestCalculatorProviderBuilder().setProvider("BC").build()).setProvider("BC")
                .setSignatureAlgorithmNameGenerator(new Names()).build(cert);
    }

    /** GB/T 35275 names the signature by the SM2 algorithm alone; Bouncy Castle knows it with its digest only. */
    private static final class Names extends DefaultCMSSignatureAlgorithmNameGenerator {
        @Override
        public String getSignatureName(AlgorithmIdentifier digest, AlgorithmIdentifier encryption) {
            boolean gm = encryption.getAlgorithm().equals(GMObjectIdentifiers.sm2sign)
                    || encryption.getAlgorithm().equals(GMObjectIdentifiers.sm2sign_with_sm3);
            if (encryption.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) /* iText 5 names the key instead */
                return super.getSignatureName(digest, new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256)).replace("SHA256", digestName(digest));
            return gm ? "SM3WITHSM2" : super.getSignatureName(digest, encryption);
        }

        private static String digestName(AlgorithmIdentifier digest) {
            return new DefaultAlgorithmNameFinder().getAlgorithmName(digest).replace("-", "");
        }
    }

    /* ---- certificates ---- */

    /** dss may be null. */
    private static boolean trusted(X509CertificateHolder leaf, Collection<X509CertificateHolder> others, Dss dss) {
        try {
            Set<X509CertificateHolder> known = new HashSet<>(others);
            if (dss != null)
                known.addAll(dss.certs);
            List<X509Certificate> pool = new ArrayList<>();
            for (X509CertificateHolder c : known)
                pool.add(CERTIFICATES.getCertificate(c));
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(CERTIFICATES.getCertificate(leaf));
            PKIXBuilderParameters p = new PKIXBuilderParameters(anchors, target);
            p.setRevocationEnabled(false);
            p.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(pool), "BC"));
            return ((PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX", "BC").build(p)).getTrustAnchor() != null;
        } catch (Exception e) {
            return false;
        }
    }

    private static boolean signedBy(X509CertificateHolder issuer, Check check) {
        try {
            return check.with(new JcaContentVerifierProviderBuilder().setProvider("BC").build(issuer));
        } catch (Exception e) {
            return false;
        }
    }

    private interface Check {
        boolean with(ContentVerifierProvider key) throws Exception;
    }

    /** Validation data of the document. */
    private static final class Dss {
        final List<X509CertificateHolder> certs = new ArrayList<>();
        final List<X509CRLHolder> crls = new ArrayList<>();
        final List<BasicOCSPResp> ocsps = new ArrayList<>();

        static Dss of(PDDocument doc) throws IOException {
            COSBase base = doc.getDocumentCatalog().getCOSObject().getDictionaryObject("DSS");
            if (!(base instanceof COSDictionary))
                return null;
            Dss dss = new Dss();
            for (byte[] der : streams((COSDictionary) base, "Certs"))
                dss.certs.add(new X509CertificateHolder(der));
            for (byte[] der : streams((COSDictionary) base, "CRLs"))
                dss.crls.add(new X509CRLHolder(der));
            for (byte[] der : streams((COSDictionary) base, "OCSPs")) {
                try {
                    dss.ocsps.add((BasicOCSPResp) new OCSPResp(der).getResponseObject());
                } catch (org.bouncycastle.cert.ocsp.OCSPException e) {
                    throw new IOException(e);
                }
            }
            return dss;
        }

        private static List<byte[]> streams(COSDictionary dss, String key) throws IOException {
            List<byte[]> all = new ArrayList<>();
            COSBase array = dss.getDictionaryObject(key);
            for (int i = 0; array instanceof COSArray && i < ((COSArray) array).size(); i++)
                all.add(IOUtils.toByteArray(((COSStream) ((COSArray) array).getObject(i)).createInputStream()));
            return all;
        }

        /** "complete", or the subject of the first certificate without revocation data. */
        String missing(Set<X509CertificateHolder> needed) {
            Set<X509CertificateHolder> all = new HashSet<>(needed);
            all.addAll(certs);
            all.addAll(roots);
            for (X509CertificateHolder cert : needed) {
                if (!cert.getIssuer().equals(cert.getSubject()) && all.stream().noneMatch(issuer -> told(cert, issuer)))
                    return "missing: " + cert.getSubject();
            }
            return "complete";
        }

        private boolean told(X509CertificateHolder cert, X509CertificateHolder issuer) {
            if (!cert.getIssuer().equals(issuer.getSubject()) || !signedBy(issuer, cert::isSignatureValid))
                return false;
            for (X509CRLHolder crl : crls) {
                if (crl.getIssuer().equals(issuer.getSubject()) && signedBy(issuer, crl::isSignatureValid))
                    return crl.getRevokedCertificate(cert.getSerialNumber()) == null;
            }
            return ocsps.stream().anyMatch(o -> good(o, cert.getSerialNumber(), issuer));
        }

        private static boolean good(BasicOCSPResp ocsp, BigInteger serial, X509CertificateHolder issuer) {
            boolean signed = signedBy(issuer, ocsp::isSignatureValid);
            for (X509CertificateHolder responder : ocsp.getCerts())
                signed = signed || (signedBy(issuer, responder::isSignatureValid) && signedBy(responder, ocsp::isSignatureValid));
            for (SingleResp one : ocsp.getResponses()) {
                if (one.getCertID().getSerialNumber().equals(serial))
                    return signed && one.getCertStatus() == null;
            }
            return false;
        }
    }

    /* ---- answers ---- */

    private static final class Json {
        static String of(Object o) {
            if (o instanceof Map) {
                List<String> parts = new ArrayList<>();
                ((Map<?, ?>) o).forEach((k, v) -> parts.add(of(k) + ":" + of(v)));
                return "{" + String.join(",", parts) + "}";
            }
            if (o instanceof List) {
                List<String> parts = new ArrayList<>();
                ((List<?>) o).forEach(v -> parts.add(of(v)));
                return "[" + String.join(",", parts) + "]";
            }
            return o instanceof Number || o instanceof Boolean ? o.toString() : quoted(String.valueOf(o));
        }

        private static String quoted(String s) {
            StringBuilder b = new StringBuilder("\"");
            for (char c : s.toCharArray())
                b.append(c < ' ' || c == '"' || c == '\\' || c > '~' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            return b.append('"').toString();
        }
    }
}
