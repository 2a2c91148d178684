import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSAttributeTableGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignatureEncryptionAlgorithmFinder;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultCMSSignatureEncryptionAlgorithmFinder;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInfoGeneratorBuilder;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationStore;
import org.bouncycastle.jcajce.spec.SM2ParameterSpec;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.util.CollectionStore;

/** A key of the test PKI, and CMS signatures by it in each shape that is met. */
final class Signer {
    static final ASN1ObjectIdentifier GM_DATA = new ASN1ObjectIdentifier("1.2.156.10197.6.1.4.2.1");
    static final ASN1ObjectIdentifier GM_SIGNED_DATA = new ASN1ObjectIdentifier("1.2.156.10197.6.1.4.2.2");
    private static final Map<String, String> ALGORITHMS = Map.of("rsa", "SHA256withRSA", "p25", "SHA256withECDSA", "p38", "SHA384withECDSA", "p52",
            "SHA512withECDSA", "sm2", "SM3withSM2");

    final PrivateKey key;
    final X509CertificateHolder cert, issuer;
    private final String algorithm;
    private final boolean sm2;

    Signer(Path folder, String name) throws Exception {
        sm2 = name.startsWith("sm2");
        key = Tsa.key(folder.resolve(name + ".key"));
        cert = Tsa.cert(folder.resolve(name + ".pem"));
        issuer = Tsa.cert(folder.resolve("issuing-" + (sm2 ? "sm2" : name.startsWith("p") ? "ec" : "rsa") + ".pem"));
        algorithm = ALGORITHMS.get(name.substring(0, 3));
    }

    X509Certificate[] chain() throws Exception {
        JcaX509CertificateConverter c = new JcaX509CertificateConverter().setProvider("BC");
        return new X509Certificate[] {c.getCertificate(cert), c.getCertificate(issuer)};
    }

    String digestName() {
        return algorithm.startsWith("SHA") ? "SHA-" + algorithm.substring(3, 6) : "SM3";
    }

    /**
     * A CMS over the content. shape, words separated by commas: cades (signingCertificateV2, no signingTime), bare (no signed
     * attributes), gm (GB/T 35275 object identifiers), id=TEXT (SM2 identity, may be empty), pss, enclosed (content inside).
     */
    byte[] cms(byte[] content, List<String> shape, Tsa tsa) throws Exception {
        boolean gm = shape.contains("gm");
        CMSSignatureEncryptionAlgorithmFinder named = gm ? a -> new AlgorithmIdentifier(GMObjectIdentifiers.sm2sign)
                : new DefaultCMSSignatureEncryptionAlgorithmFinder();
        SignerInfoGeneratorBuilder builder = new SignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().setProvider("BC").build(), named);
        builder.setDirectSignature(shape.contains("bare"));
        builder.setSignedAttributeGenerator(attributes(shape.contains("cades")));
        CMSSignedDataGenerator g = new CMSSignedDataGenerator();
        g.addSignerInfoGenerator(builder.build(contentSigner(shape), cert));
        g.addCertificates(new CollectionStore<>(List.of(cert, issuer)));
        CMSProcessableByteArray data = gm ? new CMSProcessableByteArray(GM_DATA, content) : new CMSProcessableByteArray(content);
        CMSSignedData cms = g.generate(data, shape.contains("enclosed"));
        if (tsa != null)
            cms = stamped(cms, tsa);
        ContentInfo info = cms.toASN1Structure();
        return (gm ? new ContentInfo(GM_SIGNED_DATA, versionOne(info)) : info).getEncoded("DER");
    }

    /** GB/T 35275 has the shape of PKCS #7 1.5: version 1, whatever the type of the content. */
    private static DERSequence versionOne(ContentInfo info) {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(new ASN1Integer(1));
        ASN1Sequence old = ASN1Sequence.getInstance(info.getContent());
        for (int i = 1; i < old.size(); i++)
            parts.add(old.getObjectAt(i));
        return new DERSequence(parts);
    }

    private CMSAttributeTableGenerator attributes(boolean cades) {
        return parameters -> {
            AttributeTable table = new DefaultSignedAttributeTableGenerator().getAttributes(parameters);
            if (!cades)
                return table;
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(cert.getEncoded());
                SigningCertificateV2 v2 = new SigningCertificateV2(new ESSCertIDv2(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256), hash));
                return table.remove(CMSAttributes.signingTime).add(PKCSObjectIdentifiers.id_aa_signingCertificateV2, v2);
            } catch (IOException | java.security.GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private ContentSigner contentSigner(List<String> shape) throws Exception {
        String id = shape.stream().filter(s -> s.startsWith("id=")).map(s -> s.substring(3)).findFirst().orElse(null);
        if (!sm2)
            return new JcaContentSignerBuilder(shape.contains("pss") ? algorithm + "andMGF1" : algorithm).setProvider("BC").build(key);
        Signature signature = Signature.getInstance("SM3withSM2", "BC");
        if (id != null)
            signature.setParameter(new SM2ParameterSpec(id.getBytes()));
        signature.initSign(key);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return new ContentSigner() {
            @Override
            public AlgorithmIdentifier getAlgorithmIdentifier() {
                return new AlgorithmIdentifier(GMObjectIdentifiers.sm2sign_with_sm3);
            }

            @Override
            public OutputStream getOutputStream() {
                return bytes;
            }

            @Override
            public byte[] getSignature() {
                try {
                    signature.update(bytes.toByteArray());
                    return signature.sign();
                } catch (java.security.SignatureException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private static CMSSignedData stamped(CMSSignedData cms, Tsa tsa) throws Exception {
        SignerInformation signer = cms.getSignerInfos().iterator().next();
        byte[] imprint = MessageDigest.getInstance("SHA-256").digest(signer.getSignature());
        byte[] token = tsa.token(NISTObjectIdentifiers.id_sha256, imprint, BigInteger.TEN).getEncoded();
        ASN1EncodableVector v = new ASN1EncodableVector();
        v.add(new Attribute(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken, new DERSet(org.bouncycastle.asn1.ASN1Primitive.fromByteArray(token))));
        SignerInformation with = SignerInformation.replaceUnsignedAttributes(signer, new AttributeTable(v));
        return CMSSignedData.replaceSigners(cms, new SignerInformationStore(with));
    }
}
