import com.lowagie.text.Rectangle;
import com.lowagie.text.pdf.PdfAnnotation;
import com.lowagie.text.pdf.PdfDate;
import com.lowagie.text.pdf.PdfDictionary;
import com.lowagie.text.pdf.PdfName;
import com.lowagie.text.pdf.PdfReader;
import com.lowagie.text.pdf.PdfSignature;
import com.lowagie.text.pdf.PdfSignatureAppearance;
import com.lowagie.text.pdf.PdfStamper;
import com.lowagie.text.pdf.PdfString;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.DEROctetString;

/** What users of iText 2.1.7 did, with the signature formats of its time; many documents of them are kept. */
final class ByOldIText {
    private static final int SIZE = 16384;
    private final Foreign world;

    ByOldIText(Foreign world) {
        this.world = world;
    }

    void run(String verb, Path in, Path out, Map<String, String> o) throws Exception {
        try (OutputStream to = Files.newOutputStream(out)) {
            PdfReader reader = new PdfReader(Files.readAllBytes(in));
            if (verb.equals("sign")) {
                sign(PdfStamper.createSignature(reader, to, '\0', null, true), o);
                return;
            }
            PdfStamper stamper = new PdfStamper(reader, to, '\0', true);
            if (verb.equals("fill"))
                stamper.getAcroFields().setField(o.getOrDefault("field", "Place"), o.getOrDefault("value", "Beijing"));
            else if (verb.equals("annotate"))
                stamper.addAnnotation(PdfAnnotation.createText(stamper.getWriter(), new Rectangle(60, 535, 90, 560), "TEST", "note", false, "Comment"), 1);
            else
                throw new IllegalArgumentException(verb);
            stamper.close();
        }
    }

    /**
     * With a CMS made outside, the way its manual shows for smart cards: the way it makes them itself does not work with this
     * Bouncy Castle.
     */
    private void sign(PdfStamper stamper, Map<String, String> o) throws Exception {
        PdfSignatureAppearance look = stamper.getSignatureAppearance();
        Signer signer = world.signer(o);
        String filter = o.getOrDefault("subfilter", "adbe.pkcs7.detached");
        PdfSignature dictionary = new PdfSignature(PdfName.ADOBE_PPKLITE, new PdfName(filter));
        dictionary.setReason("TEST");
        dictionary.setDate(new PdfDate(look.getSignDate()));
        if (filter.equals("adbe.x509.rsa_sha1"))
            dictionary.setCert(concatenated(signer)); /* the standard wants an array; it writes one string */
        look.setCryptoDictionary(dictionary);
        look.setLayer2Text("TEST");
        if (o.containsKey("field"))
            look.setVisibleSignature(o.get("field"));
        else if (o.containsKey("visible"))
            look.setVisibleSignature(new Rectangle(50, 50, 200, 110), 1, null);
        if (o.containsKey("certify"))
            look.setCertificationLevel(Integer.parseInt(o.get("certify")));
        look.preClose(new HashMap<>(Map.of(PdfName.CONTENTS, 2 * SIZE + 2)));
        byte[] contents = Arrays.copyOf(contents(signer, filter, look.getRangeStream().readAllBytes()), SIZE);
        PdfDictionary filled = new PdfDictionary();
        filled.put(PdfName.CONTENTS, new PdfString(contents).setHexWriting(true));
        look.close(filled);
    }

    private static byte[] concatenated(Signer signer) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(signer.cert.getEncoded());
        all.write(signer.issuer.getEncoded());
        return all.toByteArray();
    }

    private static byte[] contents(Signer signer, String filter, byte[] content) throws Exception {
        switch (filter) {
        case "adbe.x509.rsa_sha1":
            Signature rsa = Signature.getInstance("SHA1withRSA", "BC");
            rsa.initSign(signer.key);
            rsa.update(content);
            return new DEROctetString(rsa.sign()).getEncoded();
        case "adbe.pkcs7.sha1":
            return signer.cms(MessageDigest.getInstance("SHA-1").digest(content), List.of("enclosed"), null);
        default:
            return signer.cms(content, List.of(), null);
        }
    }
}
