package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.cli.DiffCommand;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.ViewChange;
import dev.veneer.node.tree.ViewDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code veneer diff}: what a sliver's owner changed against its base. */
public final class Comparing implements DiffCommand.Comparing {
    /** A tree whose directories are moved about while it is looked at is looked at again; this often. */
    private static final int TRIES = 3;

    @Override
    public List<DiffCommand.Change> diff(StoreOptions store, SliverId id) throws NodeException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            SliverRecord record = Lookup.sliver(node, id);
            StorageDriver driver = node.expected().driver(record);
            for (int attempt = 1; ; attempt++) {
                List<DiffCommand.Change> changes = new ArrayList<>();
                try {
                    new ViewDiff(node.calls())
                            .compare(
                                    node.expected().of(record, false).spec(),
                                    node.expected().base(record, driver).path(),
                                    change -> changes.add(change(change)));
                    return changes;
                } catch (LinuxException e) {
                    if (attempt == TRIES || !e.is(Errno.ESTALE)) {
                        throw new NodeException(
                                Reason.Failed,
                                Follow.RETRY,
                                "sliver " + id + " cannot be compared with its base: " + e.getMessage(),
                                e);
                    }
                }
            }
        }
    }

    private static DiffCommand.Change change(ViewChange change) {
        boolean file = change.type() == FileType.REGULAR;
        byte[] inside = change.path().array();
        byte[] path = new byte[inside.length + 1];
        path[0] = '/';
        System.arraycopy(inside, 0, path, 1, inside.length);
        boolean deleted = change.kind() == ViewChange.Kind.DELETED;
        boolean added = change.kind() == ViewChange.Kind.ADDED;
        return DiffCommand.Change.of(
                switch (change.kind()) {
                    case ADDED -> DiffCommand.Mark.A;
                    case MODIFIED -> DiffCommand.Mark.M;
                    case DELETED -> DiffCommand.Mark.D;
                },
                path,
                word(change.type()),
                added || (!file && change.oldSize() == 0) ? null : (Long) change.oldSize(),
                deleted || !file ? null : (Long) change.newSize(),
                change.aspects().stream()
                        .map(aspect -> aspect.name().toLowerCase(Locale.ROOT))
                        .toList());
    }

    private static String word(FileType type) {
        return switch (type) {
            case DIRECTORY -> "directory";
            case REGULAR -> "file";
            case SYMLINK -> "symlink";
            case CHARACTER_DEVICE -> "char";
            case BLOCK_DEVICE -> "block";
            case FIFO -> "fifo";
            case SOCKET -> "socket";
        };
    }
}
