package dev.veneer.node.execute;

import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.image.ImportLimits;
import dev.veneer.node.image.ImportListener;
import dev.veneer.node.image.ImportProgress;
import dev.veneer.node.image.ImportRequest;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.ArchiveRef;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.StagedBase;
import dev.veneer.node.tree.TreePlacer;
import dev.veneer.node.tree.TreeRemover;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lays archives into slivers that a batch is making, before it publishes them. An archive is imported as a base image
 * would be, into the batch's staging, and once for all slivers that want the same one. A killed process leaves it there, where it
 * is trash. Nothing is laid into a sliver before
 * the whole archive has been read and found good.
 *
 * <p>For several threads at once.
 */
final class SliverContent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SliverContent.class);
    private static final byte[] SELF = {'.'};
    private static final long TREE = Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;

    private final NodeTools tools;
    private final LinuxCalls calls;
    private final Batch batch;
    private final BooleanSupplier stop;
    private final Map<ArchiveRef, Import> imports = new HashMap<>();

    SliverContent(NodeTools tools, Batch batch, BooleanSupplier stop) {
        this.tools = tools;
        this.calls = tools.calls();
        this.batch = batch;
        this.stop = stop;
    }

    /**
     * Lays an archive into the view of a store that was just made.
     *
     * @throws NodeException when the archive cannot be fetched or is refused, as an import says it
     */
    void lay(ArchiveRef archive, StorageDriver driver, WritableStore store, BaseTree base)
            throws LinuxException, NodeException {
        Import done;
        synchronized (imports) {
            done = imports.computeIfAbsent(archive, unused -> new Import());
        }
        StagedBase content = done.get(archive);
        try (Fd mount = tools.mounts().unseen(store, base, driver);
                Fd view = new Fd(calls, calls.openat2(mount.number(), SELF, TREE, 0, Abi.RESOLVE_BENEATH));
                Fd tree = open(content.tree(BaseForm.DIR));
                Fd scratch = open(content.directory())) {
            new TreePlacer(calls).place(tree.number(), view.number(), scratch.number(), "sliver " + store.sliver());
        }
        // As after any mount: what the kernel left in the store is put right before the next one.
        driver.inspect(store);
    }

    /** Removes what was imported, so that the commit need not wait until it is on the disk. */
    @Override
    public void close() {
        for (Import each : imports.values()) {
            try {
                each.remove();
            } catch (LinuxException | NodeException e) {
                // It stays in staging, which becomes trash with the batch; the slivers are whole.
                LOG.debug("imported content stays until the trash is emptied: {}", e.getMessage());
            }
        }
    }

    private Fd open(String path) throws LinuxException {
        return new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), TREE, 0, 0));
    }

    /** One archive's import, which the first who wants it does and the others wait for. */
    private final class Import {
        private @Nullable String made;
        private @Nullable StagedBase staged;
        private @Nullable NodeException refused;
        private @Nullable LinuxException failed;

        synchronized StagedBase get(ArchiveRef archive) throws LinuxException, NodeException {
            StagedBase known = staged;
            if (known != null) {
                return known;
            }
            if (refused != null) {
                throw refused;
            }
            if (failed != null) {
                throw failed;
            }
            try {
                StagedBase directory = batch.stageBase();
                made = directory.directory();
                ImageSource source = new ImageSource.Archive(archive);
                tools.importer()
                        .run(new ImportRequest(source, made, ImportLimits.DEFAULT, tools.secrets()), new Listener());
                staged = directory;
                return directory;
            } catch (NodeException e) {
                refused = e;
                throw e;
            } catch (LinuxException e) {
                failed = e;
                throw e;
            }
        }

        synchronized void remove() throws LinuxException, NodeException {
            String directory = made;
            if (directory != null) {
                new TreeRemover(calls).empty(directory);
                calls.unlinkat(Abi.AT_FDCWD, PathBytes.of(directory), Abi.AT_REMOVEDIR);
            }
        }
    }

    private final class Listener implements ImportListener {
        @Override
        public void progress(ImportProgress progress) {}

        @Override
        public boolean cancelled() {
            return stop.getAsBoolean();
        }
    }
}
