package dev.veneer.node.runtime;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Makes SSH host keys: pure but for the random numbers. The private keys have OpenSSH's own form, {@code
 * openssh-key-v1}, without a passphrase (OpenSSH's {@code PROTOCOL.key} describes it); the public keys are lines as RFC
 * 4253 section 6.6, RFC 5656 and RFC 8709 define their blobs.
 */
final class SshHostKeys {
    private static final int RSA_BITS = 3072;
    private static final int BLOCK = 8;

    private SshHostKeys() {}

    /** The kinds of keys that Debian's sshd offers. */
    enum Kind {
        ED25519,
        ECDSA,
        RSA
    }

    /**
     * A set of keys.
     *
     * @param kinds which to make; RSA takes a second of computing, the others nothing worth mentioning
     * @param comment stands at the end of the public keys
     * @return content by file name, private keys and those with {@code .pub}
     */
    static Map<String, byte[]> generate(Set<Kind> kinds, String comment, SecureRandom random) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try {
            for (Kind kind : kinds) {
                Key key =
                        switch (kind) {
                            case ED25519 -> ed25519(random);
                            case ECDSA -> ecdsa(random);
                            case RSA -> rsa(random);
                        };
                add(files, "ssh_host_" + kind.name().toLowerCase(Locale.ROOT) + "_key", key, comment, random);
            }
            return files;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime lacks a kind of key that every one should have", e);
        }
    }

    /** A key of any kind. */
    private static final class Key {
        final String type;
        final byte[] publicBlob;
        final byte[] privateFields;

        Key(String type, byte[] publicBlob, byte[] privateFields) {
            this.type = type;
            this.publicBlob = publicBlob;
            this.privateFields = privateFields;
        }
    }

    private static Key ed25519(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(255, random);
        KeyPair pair = generator.generateKeyPair();
        byte[] seed = ((EdECPrivateKey) pair.getPrivate())
                .getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the private key cannot be read"));
        var point = ((EdECPublicKey) pair.getPublic()).getPoint();
        byte[] encoded = reverse(unsigned(point.getY(), 32));
        if (point.isXOdd()) {
            encoded[31] |= (byte) 0x80;
        }
        String type = "ssh-ed25519";
        byte[] blob = new Wire().text(type).bytes(encoded).done();
        byte[] both = ByteBuffer.allocate(64).put(seed).put(encoded).array();
        return new Key(
                type, blob, new Wire().text(type).bytes(encoded).bytes(both).done());
    }

    private static Key ecdsa(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        var w = ((ECPublicKey) pair.getPublic()).getW();
        byte[] point = ByteBuffer.allocate(65)
                .put((byte) 4)
                .put(unsigned(w.getAffineX(), 32))
                .put(unsigned(w.getAffineY(), 32))
                .array();
        String type = "ecdsa-sha2-nistp256";
        byte[] blob = new Wire().text(type).text("nistp256").bytes(point).done();
        byte[] fields = new Wire()
                .text(type)
                .text("nistp256")
                .bytes(point)
                .number(((ECPrivateKey) pair.getPrivate()).getS())
                .done();
        return new Key(type, blob, fields);
    }

    private static Key rsa(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(RSA_BITS, random);
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) generator.generateKeyPair().getPrivate();
        String type = "ssh-rsa";
        byte[] blob = new Wire()
                .text(type)
                .number(key.getPublicExponent())
                .number(key.getModulus())
                .done();
        byte[] fields = new Wire()
                .text(type)
                .number(key.getModulus())
                .number(key.getPublicExponent())
                .number(key.getPrivateExponent())
                .number(key.getCrtCoefficient())
                .number(key.getPrimeP())
                .number(key.getPrimeQ())
                .done();
        return new Key(type, blob, fields);
    }

    private static void add(Map<String, byte[]> files, String name, Key key, String comment, SecureRandom random) {
        int check = random.nextInt();
        Wire secret = new Wire().word(check).word(check).raw(key.privateFields).text(comment);
        for (int pad = 1; secret.size() % BLOCK != 0; pad++) {
            secret.raw(new byte[] {(byte) pad});
        }
        byte[] file = new Wire()
                .raw("openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII))
                .text("none")
                .text("none")
                .text("")
                .word(1)
                .bytes(key.publicBlob)
                .bytes(secret.done())
                .done();
        String body = Base64.getMimeEncoder(70, new byte[] {'\n'}).encodeToString(file);
        String pem = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + "\n-----END OPENSSH PRIVATE KEY-----\n";
        files.put(name, pem.getBytes(StandardCharsets.US_ASCII));
        String line = key.type + " " + Base64.getEncoder().encodeToString(key.publicBlob) + " " + comment + "\n";
        files.put(name + ".pub", line.getBytes(StandardCharsets.US_ASCII));
    }

    /** A number in exactly so many bytes, the highest first. */
    private static byte[] unsigned(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] result = new byte[length];
        int skip = Math.max(0, bytes.length - length);
        System.arraycopy(bytes, skip, result, length - (bytes.length - skip), bytes.length - skip);
        return result;
    }

    private static byte[] reverse(byte[] bytes) {
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            result[i] = bytes[bytes.length - 1 - i];
        }
        return result;
    }

    /** The data types of RFC 4251 section 5. */
    private static final class Wire {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Wire word(int value) {
            return raw(ByteBuffer.allocate(4).putInt(value).array());
        }

        Wire bytes(byte[] value) {
            return word(value.length).raw(value);
        }

        Wire text(String value) {
            return bytes(value.getBytes(StandardCharsets.UTF_8));
        }

        Wire number(BigInteger value) {
            return bytes(value.toByteArray());
        }

        Wire raw(byte[] value) {
            out.writeBytes(value);
            return this;
        }

        int size() {
            return out.size();
        }

        byte[] done() {
            return out.toByteArray();
        }
    }
}
