import com.itextpdf.text.Document;
import com.itextpdf.text.Paragraph;
import com.itextpdf.text.Rectangle;
import com.itextpdf.text.pdf.BaseFont;
import com.itextpdf.text.pdf.PdfAnnotation;
import com.itextpdf.text.pdf.PdfContentByte;
import com.itextpdf.text.pdf.PdfFormField;
import com.itextpdf.text.pdf.PdfReader;
import com.itextpdf.text.pdf.PdfSignatureAppearance;
import com.itextpdf.text.pdf.PdfStamper;
import com.itextpdf.text.pdf.PdfWriter;
import com.itextpdf.text.pdf.TextField;
import com.itextpdf.text.pdf.security.BouncyCastleDigest;
import com.itextpdf.text.pdf.security.CrlClient;
import com.itextpdf.text.pdf.security.LtvTimestamp;
import com.itextpdf.text.pdf.security.LtvVerification;
import com.itextpdf.text.pdf.security.MakeSignature;
import com.itextpdf.text.pdf.security.PrivateKeySignature;
import com.itextpdf.text.pdf.security.TSAClient;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;

/** What users of iText 5 do to documents. */
final class ByIText {
    private final Foreign world;

    ByIText(Foreign world) {
        this.world = world;
    }

    void run(String verb, Path in, Path out, Map<String, String> o) throws Exception {
        try (OutputStream to = Files.newOutputStream(out)) {
            if (verb.equals("new")) {
                create(to, o.containsKey("compressed"));
                return;
            }
            PdfReader reader = new PdfReader(Files.readAllBytes(in));
            switch (verb) {
            case "sign":
                sign(PdfStamper.createSignature(reader, to, '\0', null, true), o);
                return;
            case "stamp":
                LtvTimestamp.timestamp(PdfStamper.createSignature(reader, to, '\0', null, true).getSignatureAppearance(), tsa(o), null);
                return;
            default:
                change(verb, new PdfStamper(reader, to, '\0', !verb.equals("rewrite")), o);
                break;
            }
        }
    }

    private static void create(OutputStream to, boolean compressed) throws Exception {
        Document doc = new Document(new Rectangle(400, 600));
        PdfWriter writer = PdfWriter.getInstance(doc, to);
        if (compressed)
            writer.setFullCompression();
        doc.open();
        doc.add(new Paragraph("TEST contract by iText"));
        String[] names = {"Place", "Wage"};
        for (int i = 0; i < names.length; i++) {
            TextField text = new TextField(writer, new Rectangle(200, 400 - 40 * i, 350, 420 - 40 * i), names[i]);
            text.setFont(BaseFont.createFont());
            text.setFontSize(10);
            writer.addAnnotation(text.getTextField());
        }
        String[] signers = {"Worker", "Employer"};
        for (int i = 0; i < signers.length; i++) {
            PdfFormField field = PdfFormField.createSignature(writer);
            field.setWidget(new Rectangle(200, 200 - 60 * i, 350, 240 - 60 * i), PdfAnnotation.HIGHLIGHT_INVERT);
            field.setFieldName(signers[i]);
            field.setFlags(PdfAnnotation.FLAGS_PRINT);
            writer.addAnnotation(field);
        }
        doc.newPage();
        doc.add(new Paragraph("second page"));
        doc.close();
    }

    private void sign(PdfStamper stamper, Map<String, String> o) throws Exception {
        PdfSignatureAppearance look = stamper.getSignatureAppearance();
        Signer signer = world.signer(o);
        look.setReason("TEST 同意");
        look.setLocation("TEST");
        if (o.containsKey("field"))
            look.setVisibleSignature(o.get("field"));
        else if (o.containsKey("visible"))
            look.setVisibleSignature(new Rectangle(50, 50, 200, 110), 1, null);
        if (o.containsKey("certify"))
            look.setCertificationLevel(Integer.parseInt(o.get("certify")));
        boolean cades = o.getOrDefault("shape", "").contains("cades");
        MakeSignature.signDetached(look, new BouncyCastleDigest(), new PrivateKeySignature(signer.key, signer.digestName(), "BC"), signer.chain(), null, null,
                o.containsKey("stamp") ? tsa(o) : null, 0, cades ? MakeSignature.CryptoStandard.CADES : MakeSignature.CryptoStandard.CMS);
    }

    private TSAClient tsa(Map<String, String> o) {
        Tsa tsa = world.tsa(Map.of("stamp", o.getOrDefault("stamp", "ec")));
        return new TSAClient() {
            @Override
            public int getTokenSizeEstimate() {
                return 6000;
            }

            @Override
            public MessageDigest getMessageDigest() throws java.security.GeneralSecurityException {
                return MessageDigest.getInstance("SHA-256");
            }

            @Override
            public byte[] getTimeStampToken(byte[] imprint) throws Exception {
                return tsa.token(NISTObjectIdentifiers.id_sha256, imprint, null).getEncoded();
            }
        };
    }

    private void change(String verb, PdfStamper stamper, Map<String, String> o) throws Exception {
        switch (verb) {
        case "fill":
            stamper.getAcroFields().setField(o.getOrDefault("field", "Place"), o.getOrDefault("value", "Beijing"));
            break;
        case "annotate":
            stamper.addAnnotation(PdfAnnotation.createText(stamper.getWriter(), new Rectangle(60, 535, 90, 560), "TEST", "note", false, "Comment"), 1);
            break;
        case "dss":
            dss(stamper);
            break;
        case "paint":
            PdfContentByte over = stamper.getOverContent(1);
            over.setGrayFill(1f);
            over.rectangle(36, 540, 300, 40);
            over.fill();
            break;
        case "add-page":
            stamper.insertPage(1, new Rectangle(400, 600));
            break;
        case "script":
            stamper.addJavaScript("app.alert('TEST')");
            break;
        case "attach":
            stamper.addFileAttachment("TEST", new byte[] {1, 2, 3}, null, "TEST.bin");
            break;
        case "outline":
            stamper.setOutlines(List.of(new java.util.HashMap<>(Map.of("Title", "TEST", "Action", "URI", "URI", "http://127.0.0.1/"))));
            break;
        case "info":
            stamper.setMoreInfo(Map.of("Title", "TEST another title"));
            break;
        case "rewrite":
            break;
        default:
            throw new IllegalArgumentException(verb);
        }
        stamper.close();
    }

    private void dss(PdfStamper stamper) throws Exception {
        LtvVerification ltv = new LtvVerification(stamper);
        CrlClient lists = (cert, url) -> world.lists();
        List<String> names = stamper.getAcroFields().getSignatureNames();
        for (String name : names)
            ltv.addVerification(name, null, lists, LtvVerification.CertificateOption.WHOLE_CHAIN, LtvVerification.Level.CRL, LtvVerification.CertificateInclusion.YES);
        ltv.merge();
    }
}
