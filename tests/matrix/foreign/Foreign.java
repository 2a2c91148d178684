import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;

/**
 * Does to PDF files what users of PDFBox, iText 5 and iText 2 do.
 *
 * usage: Foreign FOLDER (keys, certificates and CRLs); standard input: "program verb in out key=value…" a line, words separated
 * by tabs; standard output: "ok" or what went wrong, a line each.
 */
public final class Foreign {
    private final Path folder;
    private final Map<String, Signer> signers = new HashMap<>();
    private final Map<String, Tsa> tsas = new HashMap<>();

    private Foreign(Path folder) throws Exception {
        this.folder = folder;
        for (String name : List.of("rsa", "ec", "sm2"))
            tsas.put(name, new Tsa(folder, name));
        for (String name : List.of("rsa2048", "rsa3072", "p256", "p384", "p521", "sm2"))
            signers.put(name, new Signer(folder, name));
    }

    Signer signer(Map<String, String> o) {
        return signers.get(o.getOrDefault("key", "rsa2048"));
    }

    /** Or null. */
    Tsa tsa(Map<String, String> o) {
        return o.containsKey("stamp") ? tsas.get(o.get("stamp")) : null;
    }

    List<byte[]> certificates() {
        List<byte[]> all = new ArrayList<>();
        try {
            for (String name : List.of("root-rsa", "issuing-rsa", "rsa2048", "root-ec", "issuing-ec", "p256", "tsa-ec"))
                all.add(Tsa.cert(folder.resolve(name + ".pem")).getEncoded());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return all;
    }

    List<byte[]> lists() {
        List<byte[]> all = new ArrayList<>();
        for (String name : List.of("crl-root-rsa", "crl-issuing-rsa", "crl-root-ec", "crl-issuing-ec")) {
            try (PEMParser pem = new PEMParser(Files.newBufferedReader(folder.resolve(name + ".pem")))) {
                all.add(((X509CRLHolder) pem.readObject()).getEncoded());
            } catch (java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        }
        return all;
    }

    private void run(String[] words) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 4; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            options.put(pair[0], pair.length > 1 ? pair[1] : "");
        }
        Path in = Path.of(words[2]), out = Path.of(words[3]);
        switch (words[0]) {
        case "pdfbox":
            new ByPdfBox(this).run(words[1], in, out, options);
            break;
        case "itext":
            new ByIText(this).run(words[1], in, out, options);
            break;
        case "itext2":
            new ByOldIText(this).run(words[1], in, out, options);
            break;
        default:
            throw new IllegalArgumentException(words[0]);
        }
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        Foreign world = new Foreign(Path.of(args[0]));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null;) {
            String answer = "ok";
            try {
                world.run(line.split("\t"));
            } catch (Exception | LinkageError e) {
                e.printStackTrace();
                answer = String.valueOf(e).replace('\n', ' ');
            }
            out.println(answer);
        }
    }
}
