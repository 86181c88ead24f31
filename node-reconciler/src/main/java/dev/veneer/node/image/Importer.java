package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.tree.ManifestSummary;
import dev.veneer.node.tree.TreeRemover;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Imports base images: reads a source once, writes its tree to {@code dir} in a staging directory and the tree's
 * manifest to {@code manifest} beside it. Touches nothing outside the staging directory, makes nothing durable and
 * publishes nothing: that is the caller's, as is removing the staging directory when this fails.
 */
public final class Importer {
    private static final byte[] DIR = "dir".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MANIFEST = "manifest".getBytes(StandardCharsets.US_ASCII);
    private static final long OPEN_DIRECTORY = Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;

    private final LinuxCalls calls;

    public Importer(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * Does an import.
     *
     * @throws NodeException {@code ContentRefused} for what is not imported, naming the entry; {@code FetchFailed} when
     *     the source cannot be read; {@code DigestMismatch} when the archive is not the one declared
     * @throws LinuxException when the staging directory cannot be written
     */
    public ImportResult run(ImportRequest request, ImportListener listener) throws LinuxException, NodeException {
        ImportSession session = new ImportSession(calls, request.limits(), listener);
        int staging = calls.openat2(Abi.AT_FDCWD, PathBytes.of(request.stagingDirectory()), OPEN_DIRECTORY, 0, 0);
        try (WriteBehind behind = new WriteBehind(calls, staging)) {
            session.writeBehind(behind);
            ImageSource source = request.source();
            Attempts attempts = new Attempts(session, staging, request.stagingDirectory());
            if (source instanceof ImageSource.Archive archive) {
                Secrets secrets = new Secrets(calls, request.secretsDirectory());
                new ArchiveImporter(session, secrets).run(archive.archive(), attempts);
            } else if (source instanceof ImageSource.OciLayout layout) {
                attempts.run(writer -> new OciImporter(session).run(layout.path(), layout.reference(), writer));
            } else if (source instanceof ImageSource.Directory directory) {
                attempts.run(writer -> new DirectoryImporter(session, writer, staging).run(directory.path()));
            } else if (source instanceof ImageSource.Sliver sliver && request.sliver() != null) {
                SliverTree tree = request.sliver();
                attempts.run(writer -> new SliverImporter(session, writer, staging).run(tree, sliver.describe()));
            } else {
                throw new IllegalStateException("no importer for " + source.describe());
            }
            ManifestSummary summary = attempts.summary();
            session.progress();
            List<String> notices = session.notices();
            return new ImportResult(summary.digest(), summary.bytes(), summary.entries(), notices);
        } finally {
            calls.close(staging);
        }
    }

    /** Makes an empty tree, lets it be filled and seals it; a tree that an earlier attempt left is removed. */
    private final class Attempts implements ArchiveImporter.Attempt {
        private final ImportSession session;
        private final int staging;
        private final String shown;
        private final TreeRemover remover = new TreeRemover(calls);
        private int number;
        private @Nullable ManifestSummary summary;

        Attempts(ImportSession session, int staging, String shown) {
            this.session = session;
            this.staging = staging;
            this.shown = shown;
        }

        ManifestSummary summary() {
            ManifestSummary made = summary;
            if (made == null) {
                throw new IllegalStateException("nothing was imported");
            }
            return made;
        }

        @Override
        public void run(ArchiveImporter.Work work) throws LinuxException, NodeException {
            if (number++ > 0) {
                remover.remove(staging, DIR, shown);
                remover.remove(staging, TreeWriter.DISCARDED, shown);
            }
            calls.mkdirat(staging, DIR, 0700);
            int root = calls.openat2(staging, DIR, OPEN_DIRECTORY, 0, Abi.RESOLVE_BENEATH);
            try (StagedInodes inodes = new StagedInodes(calls, staging)) {
                try (TreeWriter writer = new TreeWriter(session, staging, root, inodes)) {
                    writer.begin();
                    work.into(writer);
                }
                remover.remove(staging, TreeWriter.DISCARDED, shown);
                seal(root, inodes);
            } finally {
                calls.close(root);
            }
        }

        private void seal(int root, StagedInodes inodes) throws LinuxException, NodeException {
            int manifest = calls.openat2(
                    staging,
                    MANIFEST,
                    Abi.O_WRONLY | Abi.O_CREAT | Abi.O_EXCL | Abi.O_NOFOLLOW,
                    0600,
                    Abi.RESOLVE_BENEATH);
            try {
                summary = new Sealer(session, inodes).seal(staging, root, manifest);
            } finally {
                calls.close(manifest);
            }
        }
    }
}
