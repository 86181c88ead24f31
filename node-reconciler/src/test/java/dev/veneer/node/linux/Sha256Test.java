package dev.veneer.node.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** libcrypto against Java. The build's machines have libcrypto, since Debian's Java depends on it. */
class Sha256Test {
    private static MessageDigest ofLibrary() {
        return Objects.requireNonNull(Sha256.createNative(), "no libcrypto here");
    }

    @Test
    void knowsTheStandardsExamples() {
        // FIPS 180-2, appendix B.1, and the digest of nothing.
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                HexFormat.of().formatHex(ofLibrary().digest("abc".getBytes(StandardCharsets.US_ASCII))));
        assertEquals(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                HexFormat.of().formatHex(ofLibrary().digest()));
    }

    @Test
    void agreesWithJavaHoweverTheBytesCome() {
        Random random = new Random(7);
        MessageDigest ours = ofLibrary();
        MessageDigest java = Sha256.createJava();
        byte[] content = new byte[300_000];
        random.nextBytes(content);
        for (int round = 0; round < 200; round++) {
            int at = 0;
            while (at < content.length && random.nextInt(20) != 0) {
                int part = Math.min(content.length - at, random.nextInt(random.nextBoolean() ? 100 : 140_000));
                switch (random.nextInt(3)) {
                    case 0 -> ours.update(content, at, part);
                    case 1 -> ours.update(ByteBuffer.allocateDirect(part).put(0, content, at, part));
                    default -> {
                        for (int i = 0; i < part; i++) {
                            ours.update(content[at + i]);
                        }
                    }
                }
                java.update(content, at, part);
                at += part;
            }
            if (random.nextInt(5) == 0) {
                ours.reset();
                java.reset();
            }
            // Taking the digest begins the next one.
            assertArrayEquals(java.digest(), ours.digest(), "round " + round);
        }
    }

    @Test
    void digestsOfSeveralThreadsDoNotMix() {
        byte[] content = new byte[200_000];
        byte[] expected = Sha256.createJava().digest(content);
        IntStream.range(0, 200)
                .parallel()
                .forEach(i -> assertArrayEquals(expected, ofLibrary().digest(content)));
    }

    @Test
    void givesItsMemoryBack() {
        // 20,000 contexts of some hundred bytes and a buffer of 64 KiB each would not fit into the memory of the tests.
        for (int i = 0; i < 20_000; i++) {
            ofLibrary().update((byte) i);
        }
    }
}
