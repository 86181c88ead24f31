package dev.veneer.node.store;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.ManifestSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Puts right what a check found, where that cannot cost anything: never removes data, never guesses what a record said.
 * Holds the store's lock meanwhile.
 */
public final class StoreRepair {
    private static final Duration KEEP_UNREFERENCED = Duration.ofHours(24);

    private final LinuxCalls calls;
    private final StoreLayout layout;

    public StoreRepair(LinuxCalls calls, String root) {
        this.calls = calls;
        this.layout = new StoreLayout(root);
    }

    /**
     * Repairs what is repairable among these findings.
     *
     * @return what was done, for people
     */
    public List<String> run(List<Finding> findings, String command) throws NodeException, StoreLockedException {
        int root = -1;
        StoreLock lock = null;
        try {
            root = calls.openat2(Abi.AT_FDCWD, PathBytes.of(layout.root()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
            StoreFiles files = new StoreFiles(calls, root);
            if (!StoreCheck.looksLikeAStore(files)) {
                throw new NodeException(Reason.ForeignObject, Follow.STALLED, layout.root() + " is no store");
            }
            lock = StoreLock.take(files, layout, command, Instant.now());
            List<String> done = new ArrayList<>();
            for (Finding finding : findings) {
                if (finding.kind().isRepairable() && repair(files, finding)) {
                    done.add(finding.kind() + " " + finding.path());
                }
            }
            calls.syncfs(root);
            return done;
        } catch (LinuxException e) {
            throw StoreFault.of(e, "repairing the store", layout.root());
        } finally {
            if (lock != null) {
                lock.release();
            }
            if (root >= 0) {
                calls.close(root);
            }
        }
    }

    private boolean repair(StoreFiles files, Finding finding) throws LinuxException, NodeException {
        String path = finding.path().substring(layout.root().length() + 1);
        return switch (finding.kind()) {
            case FormatMissing, FormatDamaged -> {
                StoreFormat.write(files, StoreFormat.anew(files));
                // It carries the identity that is lost.
                files.remove(StoreLayout.INDEX);
                yield true;
            }
            case DirectoryMissing -> {
                StoreFormat.makeDirectories(files);
                Statx stat = new Statx();
                yield files.stat(path, stat) && stat.isDirectory();
            }
            case WrongMode -> {
                int mode = path.indexOf('/') < 0 ? StoreLayout.modeOf(path) : StoreLayout.PRIVATE;
                int fd = files.openDirectory(path);
                try {
                    calls.fchownat(fd, PathBytes.EMPTY, 0, 0, Abi.AT_EMPTY_PATH);
                    calls.fchmod(fd, mode);
                } finally {
                    calls.close(fd);
                }
                yield true;
            }
            case Unfinished -> files.remove(path);
            case RevisionUnnamed -> throwAway(files, finding, path);
            case BaseRecordMissing -> recordBase(files, finding);
            case IndexDamaged, IndexStale -> files.remove(StoreLayout.INDEX);
            default -> false;
        };
    }

    private boolean throwAway(StoreFiles files, Finding finding, String path) throws LinuxException {
        SliverId id = SliverId.parse(Objects.requireNonNull(finding.object()).name());
        int revision = StoreScanner.revisionNumber(path.substring(path.lastIndexOf('/') + 1));
        try {
            var record = RecordCodec.sliver(JsonObject.parse(files.read(layout.sliverRecord(id), Store.RECORD_LIMIT)));
            if (RevisionUse.isNamed(record, revision) || !files.exists(path)) {
                return false;
            }
            new Trash(files, layout).takeRevision(id, revision, record.driver());
            return true;
        } catch (BadRecordException e) {
            return false; // it may name anything
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** A sound manifest says everything that a base's record does, but for how long it is kept without use. */
    private boolean recordBase(StoreFiles files, Finding finding) throws LinuxException, NodeException {
        Digest digest = new Digest(Objects.requireNonNull(finding.object()).name());
        String directory = layout.base(digest);
        int fd = files.openDirectory(directory);
        ManifestSummary summary;
        try (ManifestReader manifest = ManifestReader.open(calls, fd, StoreFiles.name(StoreLayout.MANIFEST))) {
            manifest.verify();
            summary = manifest.summary();
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        } catch (NodeException e) {
            return false; // without a sound manifest nothing tells what the base is
        } finally {
            calls.close(fd);
        }
        if (!summary.digest().equals(digest)) {
            return false;
        }
        BaseRecord record = new BaseRecord(
                digest, summary.bytes(), summary.entries(), Instant.now(), Set.of(), null, KEEP_UNREFERENCED);
        String unfinished = directory + "/" + StoreLayout.UNFINISHED + StoreLayout.META;
        files.write(unfinished, RecordCodec.encode(record), true);
        files.rename(unfinished, directory + "/" + StoreLayout.META, 0);
        return true;
    }
}
