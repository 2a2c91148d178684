import java.awt.geom.AffineTransform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;
import org.apache.pdfbox.pdmodel.interactive.action.PDActionJavaScript;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotation;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationText;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationTextMarkup;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationWidget;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceDictionary;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceStream;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureOptions;
import org.apache.pdfbox.pdmodel.interactive.form.PDAcroForm;
import org.apache.pdfbox.pdmodel.interactive.form.PDCheckBox;
import org.apache.pdfbox.pdmodel.interactive.form.PDField;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.apache.pdfbox.pdmodel.interactive.form.PDTextField;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;

/** What users of PDFBox do to documents, each the way its own examples show. */
final class ByPdfBox {
    private final Foreign world;

    ByPdfBox(Foreign world) {
        this.world = world;
    }

    void run(String verb, Path in, Path out, Map<String, String> o) throws Exception {
        if (verb.equals("new")) {
            create(out);
            return;
        }
        try (PDDocument doc = PDDocument.load(Files.readAllBytes(in)); OutputStream to = Files.newOutputStream(out)) {
            Set<COSDictionary> changed = new HashSet<>();
            switch (verb) {
            case "sign":
                try (SignatureOptions look = sign(doc, o)) { /* holds the picture, and must live until it is written */
                    doc.saveIncremental(to);
                }
                return;
            case "stamp":
                try (SignatureOptions look = stamp(doc, o)) {
                    doc.saveIncremental(to);
                }
                return;
            case "rewrite": /* the whole file, not an update */
                doc.save(to);
                return;
            case "fill":
                fill(doc, o, changed);
                break;
            case "annotate":
                annotate(doc, o, changed);
                break;
            case "dss":
                dss(doc);
                break;
            default:
                change(verb, doc, changed);
                break;
            }
            doc.saveIncremental(to, changed);
        }
    }

    /* ---- honest ---- */

    private static PDAnnotationWidget widget(PDDocument doc, PDField field, int y) throws IOException {
        PDAnnotationWidget w = field.getWidgets().get(0);
        w.setRectangle(new PDRectangle(200, y, 150, 20));
        w.setPage(doc.getPage(0));
        w.setPrinted(true);
        doc.getPage(0).getAnnotations().add(w);
        return w;
    }

    private static void create(Path out) throws Exception {
        try (PDDocument doc = new PDDocument()) {
            for (int i = 0; i < 2; i++) {
                PDPage page = new PDPage(new PDRectangle(400, 600));
                doc.addPage(page);
                try (PDPageContentStream c = new PDPageContentStream(doc, page)) {
                    c.beginText();
                    c.setFont(PDType1Font.HELVETICA, 18);
                    c.newLineAtOffset(60, 540);
                    c.showText("TEST contract by PDFBox, page " + (i + 1));
                    c.endText();
                }
            }
            PDAcroForm form = new PDAcroForm(doc);
            doc.getDocumentCatalog().setAcroForm(form);
            PDResources resources = new PDResources();
            resources.put(COSName.getPDFName("Helv"), PDType1Font.HELVETICA);
            form.setDefaultResources(resources);
            form.setDefaultAppearance("/Helv 10 Tf 0 g");
            String[] names = {"Place", "Wage"};
            for (int i = 0; i < names.length; i++) {
                PDTextField text = new PDTextField(form);
                text.setPartialName(names[i]);
                text.setDefaultAppearance("/Helv 10 Tf 0 g");
                form.getFields().add(text);
                widget(doc, text, 400 - 40 * i);
            }
            String[] signers = {"Worker", "Employer"};
            for (int i = 0; i < signers.length; i++) {
                PDSignatureField field = new PDSignatureField(form);
                field.setPartialName(signers[i]);
                form.getFields().add(field);
                widget(doc, field, 200 - 60 * i);
            }
            doc.save(out.toFile());
        }
    }

    /** As CreateSignature, CreateVisibleSignature2 and SigUtils of its examples. field: existing or new; visible: a new one is. */
    private SignatureOptions sign(PDDocument doc, Map<String, String> o) throws Exception {
        Signer signer = world.signer(o);
        PDSignature sig = new PDSignature();
        sig.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
        List<String> shape = List.of(o.getOrDefault("shape", "").split(","));
        sig.setSubFilter(COSName.getPDFName(o.getOrDefault("subfilter", shape.contains("cades") ? "ETSI.CAdES.detached" : "adbe.pkcs7.detached")));
        sig.setName("TEST " + o.getOrDefault("key", ""));
        sig.setReason("TEST 同意");
        sig.setSignDate(Calendar.getInstance());
        SignatureOptions options = new SignatureOptions();
        options.setPreferredSignatureSize(0x8000);
        PDSignatureField existing = existing(doc, o.get("field"));
        if (existing != null)
            existing.getCOSObject().setItem(COSName.V, sig.getCOSObject());
        if (existing != null || o.containsKey("visible"))
            options.setVisualSignature(template(existing != null ? existing.getWidgets().get(0).getRectangle() : new PDRectangle(50, 50, 150, 60)));
        options.setPage(0);
        if (o.containsKey("certify"))
            certify(doc, sig, Integer.parseInt(o.get("certify")));
        doc.addSignature(sig, content -> cms(signer, content, shape, o), options);
        return options;
    }

    private byte[] cms(Signer signer, InputStream content, List<String> shape, Map<String, String> o) throws IOException {
        try {
            byte[] bytes = IOUtils.toByteArray(content);
            if ("adbe.pkcs7.sha1".equals(o.get("subfilter")))
                bytes = MessageDigest.getInstance("SHA-1").digest(bytes);
            return signer.cms(bytes, shape, world.tsa(o));
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private static PDSignatureField existing(PDDocument doc, String name) {
        PDAcroForm form = doc.getDocumentCatalog().getAcroForm(null);
        return form == null || name == null ? null : (PDSignatureField) form.getField(name);
    }

    private static void certify(PDDocument doc, PDSignature sig, int level) {
        COSDictionary parameters = new COSDictionary(), reference = new COSDictionary(), perms = new COSDictionary();
        parameters.setItem(COSName.TYPE, COSName.getPDFName("TransformParams"));
        parameters.setInt(COSName.P, level);
        parameters.setName(COSName.V, "1.2");
        reference.setItem(COSName.TYPE, COSName.getPDFName("SigRef"));
        reference.setItem("TransformMethod", COSName.DOCMDP);
        reference.setItem("DigestMethod", COSName.getPDFName("SHA1"));
        reference.setItem("TransformParams", parameters);
        COSArray references = new COSArray();
        references.add(reference);
        sig.getCOSObject().setItem("Reference", references);
        perms.setItem(COSName.DOCMDP, sig);
        doc.getDocumentCatalog().getCOSObject().setItem(COSName.PERMS, perms);
        doc.getDocumentCatalog().getCOSObject().setNeedToBeUpdated(true);
    }

    private static InputStream template(PDRectangle rect) throws IOException {
        try (PDDocument doc = new PDDocument()) {
            doc.addPage(new PDPage(new PDRectangle(400, 600)));
            PDAcroForm form = new PDAcroForm(doc);
            doc.getDocumentCatalog().setAcroForm(form);
            PDSignatureField field = new PDSignatureField(form);
            PDAnnotationWidget widget = field.getWidgets().get(0);
            form.setSignaturesExist(true);
            form.setAppendOnly(true);
            form.getCOSObject().setDirect(true);
            form.getFields().add(field);
            widget.setRectangle(rect);
            PDFormXObject drawing = new PDFormXObject(new PDStream(doc));
            drawing.setResources(new PDResources());
            drawing.setFormType(1);
            drawing.setBBox(new PDRectangle(rect.getWidth(), rect.getHeight()));
            PDAppearanceDictionary appearance = new PDAppearanceDictionary();
            appearance.getCOSObject().setDirect(true);
            PDAppearanceStream stream = new PDAppearanceStream(drawing.getCOSObject());
            appearance.setNormalAppearance(stream);
            widget.setAppearance(appearance);
            try (PDPageContentStream c = new PDPageContentStream(doc, stream)) {
                c.transform(new org.apache.pdfbox.util.Matrix(new AffineTransform()));
                c.setNonStrokingColor(220, 230, 255);
                c.addRect(0, 0, rect.getWidth(), rect.getHeight());
                c.fill();
                c.beginText();
                c.setNonStrokingColor(0, 0, 0);
                c.setFont(PDType1Font.HELVETICA, 10);
                c.newLineAtOffset(5, 5);
                c.showText("TEST signed");
                c.endText();
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            doc.save(out);
            return new java.io.ByteArrayInputStream(out.toByteArray());
        }
    }

    /** A document timestamp, as CreateEmbeddedTimeStamp and CreateSignedTimeStamp do. */
    private SignatureOptions stamp(PDDocument doc, Map<String, String> o) throws Exception {
        PDSignature sig = new PDSignature();
        sig.setType(COSName.DOC_TIME_STAMP);
        sig.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
        sig.setSubFilter(COSName.getPDFName("ETSI.RFC3161"));
        SignatureOptions options = new SignatureOptions();
        options.setPreferredSignatureSize(0x4000);
        Tsa tsa = world.tsa(Map.of("stamp", o.getOrDefault("stamp", "ec")));
        doc.addSignature(sig, content -> {
            try {
                byte[] imprint = MessageDigest.getInstance("SHA-256").digest(IOUtils.toByteArray(content));
                return tsa.token(NISTObjectIdentifiers.id_sha256, imprint, null).getEncoded();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }, options);
        return options;
    }

    private static void fill(PDDocument doc, Map<String, String> o, Set<COSDictionary> changed) throws IOException {
        PDField field = doc.getDocumentCatalog().getAcroForm(null).getField(o.getOrDefault("field", "Place"));
        if (field instanceof PDCheckBox)
            ((PDCheckBox) field).check();
        else
            field.setValue(o.getOrDefault("value", "Beijing"));
        changed.add(field.getCOSObject());
        for (PDAnnotationWidget w : field.getWidgets()) {
            changed.add(w.getCOSObject());
            if (w.getAppearance() != null && w.getAppearance().getNormalAppearance().isStream())
                changed.add(w.getAppearance().getNormalAppearance().getAppearanceStream().getCOSObject());
        }
    }

    private static void annotate(PDDocument doc, Map<String, String> o, Set<COSDictionary> changed) throws IOException {
        PDPage page = doc.getPage(0);
        PDAnnotation note;
        if (o.containsKey("markup")) {
            PDAnnotationTextMarkup markup = new PDAnnotationTextMarkup(PDAnnotationTextMarkup.SUB_TYPE_HIGHLIGHT);
            markup.setQuadPoints(new float[] {60, 560, 200, 560, 60, 535, 200, 535});
            note = markup;
        } else {
            note = new PDAnnotationText();
        }
        note.setRectangle(new PDRectangle(60, 535, 140, 25));
        note.setContents("TEST note");
        note.constructAppearances(doc);
        List<PDAnnotation> annotations = page.getAnnotations();
        annotations.add(note);
        page.setAnnotations(annotations);
        changed.add(page.getCOSObject()); /* what is new and hangs below it is written as well */
    }

    /** As AddValidationInformation: certificates and lists in a DSS of the catalog. */
    private void dss(PDDocument doc) throws IOException {
        COSDictionary catalog = doc.getDocumentCatalog().getCOSObject(), dss = new COSDictionary();
        dss.setItem(COSName.TYPE, COSName.getPDFName("DSS"));
        dss.setItem("Certs", streams(doc, world.certificates()));
        dss.setItem("CRLs", streams(doc, world.lists()));
        dss.setNeedToBeUpdated(true);
        catalog.setItem("DSS", dss);
        catalog.setNeedToBeUpdated(true);
    }

    private static COSArray streams(PDDocument doc, List<byte[]> ders) throws IOException {
        COSArray array = new COSArray();
        for (byte[] der : ders) {
            COSStream stream = doc.getDocument().createCOSStream();
            try (OutputStream s = stream.createOutputStream(COSName.FLATE_DECODE)) {
                s.write(der);
            }
            stream.setNeedToBeUpdated(true);
            array.add(stream);
        }
        array.setNeedToBeUpdated(true);
        return array;
    }

    /* ---- dishonest ---- */

    private static void change(String verb, PDDocument doc, Set<COSDictionary> changed) throws Exception {
        PDPage page = doc.getPage(0);
        COSDictionary catalog = doc.getDocumentCatalog().getCOSObject();
        switch (verb) {
        case "paint": /* something more on the page */
            try (PDPageContentStream c = new PDPageContentStream(doc, page, PDPageContentStream.AppendMode.APPEND, true)) {
                c.setNonStrokingColor(1f);
                c.addRect(60, 535, 200, 30);
                c.fill();
            }
            changed.add(page.getCOSObject());
            break;
        case "replace": /* the content stream, in its place */
            COSBase contents = page.getCOSObject().getDictionaryObject(COSName.CONTENTS);
            COSStream stream = (COSStream) (contents instanceof COSArray ? ((COSArray) contents).getObject(0) : contents);
            try (OutputStream s = stream.createOutputStream()) {
                s.write("BT /F1 18 Tf 60 540 Td (another contract) Tj ET".getBytes());
            }
            changed.add(stream);
            break;
        case "turn":
            page.setRotation(180);
            changed.add(page.getCOSObject());
            break;
        case "crop":
            page.setCropBox(new PDRectangle(0, 0, 400, 300));
            changed.add(page.getCOSObject());
            break;
        case "add-page":
            PDPage more = new PDPage(new PDRectangle(400, 600));
            doc.addPage(more);
            changed.addAll(Arrays.asList(doc.getPages().getCOSObject(), more.getCOSObject()));
            break;
        case "remove-page":
            doc.removePage(doc.getNumberOfPages() - 1);
            changed.add(doc.getPages().getCOSObject());
            break;
        case "font": /* the letters of the text look otherwise */
            COSDictionary fonts = (COSDictionary) page.getResources().getCOSObject().getDictionaryObject(COSName.FONT);
            COSDictionary font = (COSDictionary) fonts.getDictionaryObject(fonts.keySet().iterator().next());
            font.setItem(COSName.BASE_FONT, COSName.getPDFName("Symbol"));
            changed.add(font);
            break;
        case "script":
            doc.getDocumentCatalog().setOpenAction(new PDActionJavaScript("app.alert('TEST')"));
            changed.add(catalog);
            break;
        case "drop-field": /* the signature fields are taken out of the form */
            PDAcroForm form = doc.getDocumentCatalog().getAcroForm(null);
            List<PDField> fields = new ArrayList<>(form.getFields());
            fields.removeIf(f -> f instanceof PDSignatureField);
            form.setFields(fields);
            changed.addAll(Arrays.asList(form.getCOSObject(), catalog));
            break;
        case "clear": /* a signature is taken out of its field */
            PDField field = doc.getDocumentCatalog().getAcroForm(null).getFields().stream().filter(f -> f instanceof PDSignatureField).findFirst().get();
            field.getCOSObject().removeItem(COSName.V);
            changed.add(field.getCOSObject());
            break;
        case "drop-form":
            catalog.removeItem(COSName.ACRO_FORM);
            changed.add(catalog);
            break;
        case "hide-stamp": /* the widget of a signature is not shown any more */
            PDField hidden = doc.getDocumentCatalog().getAcroForm(null).getFields().stream().filter(f -> f instanceof PDSignatureField).findFirst().get();
            hidden.getWidgets().get(0).setHidden(true);
            changed.add(hidden.getCOSObject());
            break;
        case "lie": /* a field shows another value than it has */
            PDField liar = doc.getDocumentCatalog().getAcroForm(null).getField("Place");
            liar.setValue("Shanghai");
            PDAppearanceStream shown = liar.getWidgets().get(0).getAppearance().getNormalAppearance().getAppearanceStream();
            liar.getCOSObject().setString(COSName.V, "Beijing");
            changed.addAll(Arrays.asList(liar.getCOSObject(), shown.getCOSObject()));
            break;
        case "unnote": /* the notes are taken away */
            List<PDAnnotation> kept = new ArrayList<>(page.getAnnotations(a -> a instanceof PDAnnotationWidget));
            page.setAnnotations(kept);
            changed.add(page.getCOSObject());
            break;
        case "drop-widgets": /* all annotations are taken away, the widgets of fields among them */
            page.getCOSObject().removeItem(COSName.ANNOTS);
            changed.add(page.getCOSObject());
            break;
        case "move-stamp": /* the widget of a signature goes elsewhere */
            PDField moved = doc.getDocumentCatalog().getAcroForm(null).getFields().stream().filter(f -> f instanceof PDSignatureField).findFirst().get();
            moved.getWidgets().get(0).setRectangle(new PDRectangle(60, 535, 200, 30));
            changed.add(moved.getCOSObject());
            break;
        default:
            throw new IllegalArgumentException(verb);
        }
    }
}
