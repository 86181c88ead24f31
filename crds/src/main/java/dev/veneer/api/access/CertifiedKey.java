package dev.veneer.api.access;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate, with those it was signed with after it, and its key, from PEM files as openssl and cert-manager write them.
 *
 * @param chain the certificate first
 * @param key its key
 */
record CertifiedKey(List<X509Certificate> chain, PrivateKey key) {
    private static final int LONGEST = 1 << 20;
    private static final Pattern CERTIFICATE = Pattern.compile("-----BEGIN CERTIFICATE-----");
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ((?:[A-Z]+ )?)PRIVATE KEY-----([^-]*)-----END \\1PRIVATE KEY-----");
    private static final byte SEQUENCE = 0x30;
    private static final byte OCTETS = 0x04;
    private static final byte[] VERSION = {0x02, 0x01, 0x00};

    /** Reads both, and sees whether they belong together. */
    static CertifiedKey read(Path certificateFile, Path keyFile) throws IOException {
        List<X509Certificate> chain = certificates(certificateFile);
        PublicKey certified = chain.get(0).getPublicKey();
        PrivateKey key = key(keyFile, certified);
        if (!fits(key, certified)) {
            throw new IOException(keyFile + " is not the key of the certificate in " + certificateFile);
        }
        return new CertifiedKey(chain, key);
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        byte[] bytes = bytes(file);
        long begun = CERTIFICATE
                .matcher(new String(bytes, StandardCharsets.ISO_8859_1))
                .results()
                .count();
        if (begun == 0) {
            throw new IOException(file + " holds no certificate (PEM: -----BEGIN CERTIFICATE-----)");
        }
        List<X509Certificate> read;
        try {
            read =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
        // Newer Javas leave out without a word what is cut short after a whole one.
        if (read.size() != begun) {
            throw new IOException(file + " holds a certificate that cannot be read: it is not whole");
        }
        return read;
    }

    private static PrivateKey key(Path file, PublicKey certified) throws IOException {
        String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
        Matcher block = KEY.matcher(text);
        if (text.contains("ENCRYPTED PRIVATE KEY-----") || text.contains("4,ENCRYPTED")) {
            throw new IOException(file + " holds a key that is encrypted; it must be a plain one");
        }
        if (!block.find()) {
            throw new IOException(file + " holds no whole private key (PEM: -----BEGIN PRIVATE KEY----- to the end)");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            // The older forms, RSA's and EC's own, are what PKCS#8 holds inside, and the certificate knows the rest.
            byte[] whole = block.group(1).isEmpty() ? der : pkcs8(der, certified);
            return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(whole));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    file + " holds no key of the kind that the certificate has (" + certified.getAlgorithm()
                            + "), or one that is damaged",
                    e);
        }
    }

    private static byte[] pkcs8(byte[] der, PublicKey certified) {
        return element(SEQUENCE, VERSION, algorithm(certified.getEncoded()), element(OCTETS, der));
    }

    /** The first element of a sequence: of a public key, what kind it is. */
    private static byte[] algorithm(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        in.get();
        length(in);
        int begin = in.position();
        in.get();
        int length = length(in);
        byte[] element = new byte[in.position() - begin + length];
        in.get(begin, element);
        return element;
    }

    private static int length(ByteBuffer in) {
        int first = in.get() & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = first & 0x7f; i > 0; i--) {
            length = (length << 8) | (in.get() & 0xff);
        }
        return length;
    }

    private static byte[] element(byte tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length < 0x80) {
            out.write(length);
        } else {
            // As few bytes as will do, or it is refused.
            int bytes = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : 3;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >> (8 * i));
            }
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static boolean fits(PrivateKey key, PublicKey certified) throws IOException {
        String kind =
                switch (certified.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    case "EdDSA" -> "EdDSA";
                    default ->
                        throw new IOException("a certificate with a key of the kind " + certified.getAlgorithm()
                                + " is not supported: take RSA, EC or Ed25519");
                };
        byte[] text = {1, 2, 3};
        try {
            Signature signing = Signature.getInstance(kind);
            signing.initSign(key);
            signing.update(text);
            byte[] signed = signing.sign();
            Signature verifying = Signature.getInstance(kind);
            verifying.initVerify(certified);
            verifying.update(text);
            return verifying.verify(signed);
        } catch (GeneralSecurityException e) {
            // Says so of keys of other lengths than it expects.
            return false;
        }
    }

    /** Says of what cannot be read why: the library names the file alone. */
    static IOException unreadable(Path file, IOException why) {
        if (why instanceof NoSuchFileException) {
            return new IOException(file + " is not there", why);
        }
        return why instanceof AccessDeniedException
                ? new IOException(file + " may not be read: its rights do not allow it", why)
                : new IOException(file + " cannot be read: " + why.getMessage(), why);
    }

    private static byte[] bytes(Path file) throws IOException {
        byte[] read = read(file);
        if (read.length > LONGEST) {
            throw new IOException(file + " is larger than 1 MiB");
        }
        if (read.length == 0) {
            throw new IOException(file + " is empty");
        }
        return read;
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(LONGEST + 1);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }
}
