package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Sha256;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.InodeTable;
import dev.veneer.node.tree.ManifestEntry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The groups of hard links in a view, and for which of them the base's own file can serve: a group whose paths are all
 * as the base has them, are one group there too, and all of it. The others are held in the store whole, since a path
 * taken from the base would join or leave a group. In constant memory.
 */
public final class LinkSets implements AutoCloseable {
    private static final int IN_MEMORY = 4096;
    private static final int NAME_BYTES = 24;

    /** In a value: paths met (4), paths of the base's group (4), 1 while it can stay with the base (4), the group's name. */
    private static final int NAME_AT = 12;

    private final InodeTable table;
    private final int scratchDirectory;

    /** @param scratchDirectory a directory of ours where a scratch file may be made */
    public LinkSets(LinuxCalls calls, int scratchDirectory) {
        this.scratchDirectory = scratchDirectory;
        this.table = new InodeTable(calls, scratchDirectory, IN_MEMORY);
    }

    /** Where scratch files of what is done with these may be made. */
    int scratchDirectory() {
        return scratchDirectory;
    }

    /**
     * Notes a path of a file with several names.
     *
     * @param same the base's record when the path is as the base has it, else null
     */
    public void met(Statx stat, @Nullable ManifestEntry same, BaseLinks links) throws LinuxException {
        byte[] known = table.get(stat.dev(), stat.ino);
        ByteBuffer value = ByteBuffer.allocate(InodeTable.VALUE_BYTES);
        byte[] name = same == null ? new byte[NAME_BYTES] : name(same);
        if (known == null) {
            value.putInt(1).putInt(same == null ? 0 : links.count(same)).putInt(same == null ? 0 : 1);
            value.put(name);
        } else {
            ByteBuffer old = ByteBuffer.wrap(known);
            byte[] oldName = Arrays.copyOfRange(known, NAME_AT, NAME_AT + NAME_BYTES);
            boolean stays = old.getInt(8) == 1 && same != null && Arrays.equals(oldName, name);
            value.putInt(old.getInt(0) + 1).putInt(old.getInt(4)).putInt(stays ? 1 : 0);
            value.put(oldName);
        }
        table.put(stat.dev(), stat.ino, value.array());
    }

    /** Whether the base's file can serve; to be asked when all paths were met. */
    public boolean stays(Statx stat) throws LinuxException {
        byte[] known = table.get(stat.dev(), stat.ino);
        if (known == null) {
            return false;
        }
        ByteBuffer value = ByteBuffer.wrap(known);
        return value.getInt(8) == 1 && value.getInt(0) == value.getInt(4);
    }

    private static byte[] name(ManifestEntry entry) {
        byte[] digest = Sha256.of(BaseLinks.first(entry).array());
        return Arrays.copyOf(digest, NAME_BYTES);
    }

    @Override
    public void close() {
        table.close();
    }
}
