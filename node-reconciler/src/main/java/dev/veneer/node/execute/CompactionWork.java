package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.rewrite.BaseLinks;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewComparison;
import dev.veneer.node.tree.rewrite.ViewDifference;
import dev.veneer.node.tree.rewrite.Written;
import java.util.List;

/**
 * Compacts the writable store of a sliver that is not in use into a new revision, and makes sure that the view is the
 * same before anybody sees it.
 */
final class CompactionWork {
    private static final int SHOWN = 3;

    private final NodeTools tools;
    private final LinuxCalls calls;

    CompactionWork(NodeTools tools) {
        this.tools = tools;
        this.calls = tools.calls();
    }

    /**
     * Fills a staged revision.
     *
     * @param record of the sliver, naming the new revision
     * @param from number of the revision that is compacted
     * @return for people: what was kept and what is no longer held
     * @throws NodeException {@code InUse} when something has the store mounted; {@code Damaged} when it cannot be read
     *     for what it is; {@code Failed} when the new view is not the same
     */
    String fill(SliverRecord record, int from, WritableStore made, StorageDriver driver, BaseTree base)
            throws LinuxException, NodeException {
        RootfsMount mount = tools.mounts().describe(record, from);
        NodeException used = tools.mounts().inUse(List.of(mount)).get(mount);
        if (used != null) {
            throw used;
        }
        WritableStore old =
                new WritableStore(record.id(), from, tools.store().layout().absoluteRevision(record.id(), from));
        driver.inspect(old);
        driver.create(made, base);
        String manifest = tools.store().layout().absoluteManifest(record.baseDigest());
        int slash = manifest.lastIndexOf('/');
        try (Fd directory = open(manifest.substring(0, slash));
                Fd scratch = open(tools.store().layout().absoluteScratch());
                ManifestReader reader =
                        ManifestReader.open(calls, directory.number(), PathBytes.of(manifest.substring(slash + 1)))) {
            BaseRecords records = new BaseRecords(reader, BaseLinks.of(reader));
            return driver.mount(old, base) instanceof MountSpec.Overlay
                    ? overlay(old, made, driver, base, records, scratch.number())
                    : wholeTree(old, made, driver, base, records, scratch.number());
        } catch (ForeignLayerException e) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    "sliver " + record.id() + " cannot be compacted: " + e.getMessage()
                            + ", as an overlay with other options made it",
                    e);
        }
    }

    private Fd open(String path) throws LinuxException {
        return new Fd(calls, new SafeOpen(calls).ownDirectory(path));
    }

    /** The root directory of a mount that nobody sees, for reading. */
    private Fd root(Fd mount) throws LinuxException {
        return new Fd(
                calls,
                calls.openat2(
                        mount.number(), new byte[] {'.'}, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, Abi.RESOLVE_BENEATH));
    }

    private static String upper(MountSpec spec) {
        MountSpec.Overlay overlay = (MountSpec.Overlay) spec;
        return overlay.layers() + "/" + overlay.upper();
    }

    private String overlay(
            WritableStore old,
            WritableStore made,
            StorageDriver driver,
            BaseTree base,
            BaseRecords records,
            int scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        try (Fd from = open(upper(driver.mount(old, base)));
                Fd to = open(upper(driver.mount(made, base)));
                Change change = Compaction.of(
                        calls, UpperReader.exact(calls, records, from.number()), records, path -> false, scratch)) {
            new RevisionWriter(calls, records).writeUpper(change, Source.of(from.number(), true, true), to.number());
            try (Fd before = tools.mounts().unseen(old, base, driver);
                    Fd beforeRoot = root(before);
                    Fd after = tools.mounts().unseen(made, base, driver);
                    Fd afterRoot = root(after);
                    ViewComparison views =
                            new ViewComparison(calls, records, beforeRoot.number(), afterRoot.number(), false)) {
                refuse(made, views.touchedBy(from.number()));
            }
            Tally tally = change.tally();
            return "no longer held: " + tally.droppedPaths() + " copies of the base's, "
                    + mebibytes(tally.droppedBytes()) + "; kept: " + tally.heldPaths() + " paths, "
                    + mebibytes(tally.heldBytes());
        }
    }

    private String wholeTree(
            WritableStore old,
            WritableStore made,
            StorageDriver driver,
            BaseTree base,
            BaseRecords records,
            int scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        String to = ((MountSpec.Bind) driver.mount(made, base)).directory();
        try (Fd from = open(((MountSpec.Bind) driver.mount(old, base)).directory());
                Fd baseTree = open(base.path());
                Fd target = open(to);
                Change change = Compaction.of(
                        calls,
                        TreeReader.ofClone(calls, records, from.number(), baseTree.number()),
                        records,
                        path -> false,
                        scratch)) {
            Written written = new RevisionWriter(calls, records)
                    .writeTree(change, Source.of(from.number(), false, false), target.number(), to);
            try (ViewComparison views = new ViewComparison(calls, records, from.number(), target.number(), true)) {
                refuse(made, views.touchedBy(change.steps()));
            }
            return "shared with the base again: all but " + written.files() + " files, "
                    + mebibytes(written.copiedBytes());
        }
    }

    /** A difference is a fault of Veneer: the old revision stays. */
    private static void refuse(WritableStore made, List<ViewDifference> differences) throws NodeException {
        if (!differences.isEmpty()) {
            List<ViewDifference> first = differences.subList(0, Math.min(SHOWN, differences.size()));
            throw new NodeException(
                    Reason.Failed,
                    Follow.STALLED,
                    "sliver " + made.sliver() + " stays as it was: compacted, it would not look the same, which is a"
                            + " fault of Veneer; please report it: " + first);
        }
    }

    private static String mebibytes(long bytes) {
        return String.format("%.1f MiB", bytes / 1048576.0);
    }
}
