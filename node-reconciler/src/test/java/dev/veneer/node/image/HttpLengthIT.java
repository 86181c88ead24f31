package dev.veneer.node.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that are shorter or longer than they say. */
class HttpLengthIT {
    private static final int PADDING = 200_000;

    private ImportFixture fixture;
    private ServerSocket server;
    private volatile byte[] answer = {};

    @BeforeEach
    void open() throws IOException {
        fixture = new ImportFixture();
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "answers");
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        fixture.close();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(10_000);
                // The end of the request's head; it has no body.
                for (int last = 0;
                        last != 0x0d0a0d0a;
                        last = last << 8 | socket.getInputStream().read()) {
                    Thread.onSpinWait();
                }
                socket.getOutputStream().write(answer);
                socket.shutdownOutput();
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void answer(String headers, byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("HTTP/1.1 200 OK\r\n" + headers + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(body);
        answer = out.toByteArray();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private String url() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/base.tar.gz";
    }

    private ImportResult fetch(String digest) throws Exception {
        return fixture.run(ImportFixture.archiveAt(url(), digest));
    }

    private void assertCut(String digest) {
        NodeException e = assertThrows(NodeException.class, () -> fetch(digest));
        assertEquals(Reason.FetchFailed, e.reason(), e.getMessage());
        assertEquals(Follow.RETRY, e.follow(), "as after any other connection that was cut");
        assertTrue(e.getMessage().contains(url()), e.getMessage());
    }

    @Test
    void whatIsCutBehindTheCompressedDataIsCut() throws Exception {
        byte[] archive = new TarBuilder().file("f", "x".repeat(70_000)).end();
        byte[] whole = join(gzip(archive), new byte[PADDING]);
        ImportResult expected = fixture.archive(archive);
        answer("Content-Length: " + whole.length + "\r\n", whole);
        assertEquals(expected.digest(), fetch(null).digest());
        assertEquals(
                expected.digest(),
                fetch("sha256:" + LayoutBuilder.sha256(whole)).digest());
        for (int missing : new int[] {1, 5000, PADDING - 1, PADDING}) {
            byte[] cut = Arrays.copyOf(whole, whole.length - missing);
            answer("Content-Length: " + whole.length + "\r\n", cut);
            assertCut(null);
            assertCut("sha256:" + LayoutBuilder.sha256(cut));
            // In chunks, of which the last never comes.
            answer(
                    "Transfer-Encoding: chunked\r\n",
                    join((Integer.toHexString(whole.length) + "\r\n").getBytes(StandardCharsets.US_ASCII), cut));
            assertCut(null);
        }
    }

    @Test
    void withoutALengthTheEndIsTheEnd() throws Exception {
        byte[] archive = gzip(new TarBuilder().file("f").end());
        ImportResult expected = fixture.archive(archive);
        answer("Connection: close\r\n", archive);
        assertEquals(expected.digest(), fetch(null).digest());
        // Longer than it says: what is behind is not read, and what is inside is whole.
        answer("Content-Length: " + archive.length + "\r\n", join(archive, new byte[500]));
        assertEquals(expected.digest(), fetch(null).digest());
        answer("Content-Length: " + (archive.length - 1) + "\r\n", archive);
        NodeException e = assertThrows(NodeException.class, () -> fetch(null));
        assertTrue(e.reason() == Reason.ContentRefused || e.reason() == Reason.FetchFailed, e.getMessage());
    }

    @Test
    void lengthsThatAreNone() throws Exception {
        byte[] archive = gzip(new TarBuilder().file("f").end());
        for (String length : new String[] {"x", "-1", "99999999999999999999999", "0", "1e3"}) {
            answer("Content-Length: " + length + "\r\nConnection: close\r\n", archive);
            NodeException e;
            try {
                fetch(null);
                continue;
            } catch (NodeException refused) {
                e = refused;
            }
            assertTrue(e.reason() == Reason.ContentRefused || e.reason() == Reason.FetchFailed, length + e);
        }
    }

    @Test
    void aBodyIsHeldToItsLength() throws Exception {
        AtomicLong counter = new AtomicLong();
        URI from = URI.create("https://example.org/x");
        try (HttpBody body = new HttpBody(new ByteArrayInputStream(new byte[7]), 7, counter, from)) {
            assertEquals(7, body.readNBytes(100).length);
            assertEquals(7, counter.get());
        }
        // Only a protocol that frames its data lets a body be longer than its length.
        try (HttpBody body = new HttpBody(new ByteArrayInputStream(new byte[8]), 7, counter, from)) {
            assertThrows(SourceException.class, () -> body.readNBytes(100));
            assertThrows(SourceException.class, body::read, "and stays so");
        }
        try (HttpBody body = new HttpBody(new ByteArrayInputStream(new byte[8]), 9, counter, from)) {
            assertEquals(8, body.skip(9), "what is skipped counts");
            SourceException e = assertThrows(SourceException.class, body::read);
            assertTrue(e.getMessage().contains("ended after 8 of 9 bytes"), e.getMessage());
            assertThrows(SourceException.class, body::read);
        }
        try (HttpBody body = new HttpBody(new ByteArrayInputStream(new byte[8]), -1, counter, from)) {
            assertEquals(8, body.readAllBytes().length);
        }
    }

    /** As pigz, bgzip and lazily pulled layers have them: wherever a member ends, the next one is read. */
    @Test
    void manyMembersAreOneArchive() throws Exception {
        byte[] archive = new TarBuilder().file("f", "x".repeat(3000)).end();
        ImportResult expected = fixture.archive(archive);
        byte[] second = gzip(Arrays.copyOfRange(archive, 1000, archive.length));
        // A first member of stored blocks, the end of which is moved over the end of a buffer by its header's comment.
        for (int end = 65_536 - 30; end <= 65_536 + 30; end += 3) {
            byte[] plain = gzip(Arrays.copyOf(archive, 1000));
            int comment = end - plain.length;
            ByteArrayOutputStream first = new ByteArrayOutputStream();
            first.write(plain, 0, 3);
            first.write(16);
            first.write(plain, 4, 6);
            first.writeBytes("c".repeat(comment - 1).getBytes(StandardCharsets.US_ASCII));
            first.write(0);
            first.write(plain, 10, plain.length - 10);
            assertEquals(end, first.size());
            byte[] both = join(first.toByteArray(), second);
            assertEquals(expected.digest(), fixture.archive(both).digest(), "first member ends at " + end);
        }
    }
}
