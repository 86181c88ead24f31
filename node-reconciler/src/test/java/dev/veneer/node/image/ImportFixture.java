package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.ArchiveRef;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreeManifest;
import dev.veneer.node.tree.TreeRemover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A directory to import in, with something outside that must not change. */
final class ImportFixture implements AutoCloseable {
    final LinuxCalls calls = new JnrLinuxCalls();
    final Path directory;
    final Path outside;
    private int number;

    ImportFixture() throws IOException {
        this(Files.createTempDirectory("veneer-import-").toRealPath());
    }

    ImportFixture(Path directory) throws IOException {
        this.directory = directory;
        outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("canary"), "untouched");
    }

    /** The staging directory of the last import. */
    Path staging() {
        return directory.resolve("staging-" + number);
    }

    Path tree() {
        return staging().resolve("dir");
    }

    ImportResult run(ImageSource source, ImportLimits limits, Path secrets) throws Exception {
        number++;
        Files.createDirectory(
                staging(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String where = secrets == null ? null : secrets.toString();
        return new Importer(calls)
                .run(new ImportRequest(source, staging().toString(), limits, where), ImportListener.NONE);
    }

    ImportResult run(ImageSource source) throws Exception {
        return run(source, ImportLimits.DEFAULT, null);
    }

    ImportResult archive(byte[] archive) throws Exception {
        return archive(archive, ImportLimits.DEFAULT);
    }

    ImportResult archive(byte[] archive, ImportLimits limits) throws Exception {
        Path file = Files.write(directory.resolve("archive-" + number), archive);
        return run(archiveAt(file.toUri().toString(), null), limits, null);
    }

    static ImageSource archiveAt(String url, String digest, String... mirrors) {
        return new ImageSource.Archive(new ArchiveRef(url, digest, List.of(mirrors), null, null));
    }

    /** The manifest of the imported tree, made by reading all of it. */
    byte[] manifestByReading() throws IOException, LinuxException, NodeException {
        Path file = directory.resolve("read-" + number);
        int output = open(directory, Abi.O_RDONLY | Abi.O_DIRECTORY);
        int root = open(tree(), Abi.O_RDONLY | Abi.O_DIRECTORY);
        Files.createFile(file);
        int manifest = open(file, Abi.O_WRONLY);
        try {
            new TreeManifest(calls, TreeLimits.DEFAULT).write(root, manifest, output);
        } finally {
            calls.close(manifest);
            calls.close(root);
            calls.close(output);
        }
        return Files.readAllBytes(file);
    }

    byte[] manifest() throws IOException {
        return Files.readAllBytes(staging().resolve("manifest"));
    }

    int open(Path path, long flags) throws LinuxException {
        return calls.openat2(Abi.AT_FDCWD, PathBytes.of(path.toString()), flags, 0, 0);
    }

    @Override
    public void close() throws IOException, NodeException {
        new TreeRemover(calls).empty(directory.toString());
        Files.delete(directory);
    }
}
