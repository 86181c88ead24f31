package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ArchiveRef;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Imports a tar archive from the first of its addresses that has it. */
final class ArchiveImporter {
    private static final long PATIENCE_SECONDS = 120;
    private static final String SHA256 = "sha256:";

    private final ImportSession session;
    private final Secrets secrets;

    ArchiveImporter(ImportSession session, Secrets secrets) {
        this.session = session;
        this.secrets = secrets;
    }

    /** Makes the tree anew for each address that is tried. */
    interface Attempt {
        void run(Work work) throws LinuxException, NodeException;
    }

    /** What writes into a fresh tree. */
    interface Work {
        void into(TreeWriter writer) throws LinuxException, NodeException;
    }

    void run(ArchiveRef archive, Attempt attempt) throws LinuxException, NodeException {
        String digest = archive.digest();
        if (digest != null && !digest.matches("sha256:[0-9a-f]{64}")) {
            throw new NodeException(
                    Reason.InvalidSpec,
                    Follow.STALLED,
                    "the archive's digest is not sha256: and 64 hexadecimal digits: " + digest);
        }
        List<String> urls = new ArrayList<>();
        urls.add(archive.url());
        urls.addAll(archive.mirrors());
        for (int i = 0; ; i++) {
            String url = urls.get(i);
            try {
                session.restart();
                attempt.run(writer -> read(url, archive, writer));
                return;
            } catch (NodeException e) {
                boolean next = i + 1 < urls.size()
                        && (e.reason() == Reason.FetchFailed || e.reason() == Reason.DigestMismatch);
                if (!next) {
                    throw e;
                }
                session.note(url + " was not used: " + e.getMessage());
            }
        }
    }

    private void read(String url, ArchiveRef archive, TreeWriter writer) throws LinuxException, NodeException {
        Opening opening = new Opening(url, archive);
        try (ReadAhead in = new ReadAhead(opening, PATIENCE_SECONDS)) {
            new TarImporter(session, writer).run(in, TarImporter.Filter.ALL);
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            throw ReadAhead.explain(e);
        }
    }

    private final class Opening implements ReadAhead.Opening {
        private final String url;
        private final ArchiveRef archive;
        private final @Nullable MessageDigest sha256;
        /** What has to be read to its very end: it is digested, or came from a server that may cut it short. */
        private @Nullable InputStream whole;

        Opening(String url, ArchiveRef archive) {
            this.url = url;
            this.archive = archive;
            this.sha256 = archive.digest() == null ? null : ContentHasher.sha256();
        }

        @Override
        public InputStream open() throws IOException, NodeException {
            InputStream source = source();
            InputStream read = sha256 == null ? source : new DigestingStream(source, sha256);
            whole = sha256 != null || source instanceof HttpBody ? read : null;
            try {
                return Compression.decompress(read);
            } catch (IOException e) {
                source.close();
                throw e;
            }
        }

        private InputStream source() throws IOException, NodeException {
            if (url.startsWith("file:")) {
                FileStream file = FileStream.open(session.calls(), FileUrl.path(url), session.readBytes());
                session.expect(file.remaining());
                return file;
            }
            if (url.startsWith("http://") || url.startsWith("https://")) {
                // A class of its own, so that an import of a file never loads the HTTP client.
                return new HttpSource(secrets, session).open(url, archive);
            }
            throw new NodeException(
                    Reason.InvalidSpec,
                    Follow.STALLED,
                    "the address of an archive is file:, http: or https:, not " + url);
        }

        @Override
        public void ended() throws IOException, NodeException {
            // Whatever lies behind the compressed data belongs to the archive too.
            if (whole != null) {
                drain(whole);
            }
            if (sha256 == null) {
                return;
            }
            String found = SHA256 + Bytes.wrap(sha256.digest()).hex();
            if (!found.equals(archive.digest())) {
                throw new NodeException(
                        Reason.DigestMismatch,
                        Follow.STALLED,
                        url + " has the digest " + found + " where " + archive.digest()
                                + " is declared: correct the one or the other");
            }
        }

        private void drain(InputStream rest) throws IOException, NodeException {
            byte[] part = new byte[64 * 1024];
            long trailer = 0;
            for (int count = 0; count >= 0; count = rest.read(part, 0, part.length)) {
                trailer += count;
                if (trailer > TarImporter.MAX_TRAILER) {
                    throw Refusals.content(
                            "more than " + TarImporter.MAX_TRAILER + " bytes follow the compressed archive");
                }
            }
        }
    }
}
