package dev.veneer.node.image;

import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Xattr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An entry of a tar archive, after its headers have been read: names as the bytes they are. */
final class TarEntry {
    /** As the archive has it. */
    byte[] name = {};
    /** Target of a symbolic or hard link. */
    byte[] link = {};
    /** The type flag of the header. */
    char flag;
    /** What it becomes; null for a hard link. */
    @Nullable
    FileType type;

    int permissions;
    int uid;
    int gid;
    long mtimeSec;
    int mtimeNsec;
    int deviceMajor;
    int deviceMinor;
    int inodeFlags;
    /** Bytes that the archive holds for it. */
    long storedSize;
    /** Bytes of the file, holes included. */
    long size;
    /** Where the stored bytes go; null when there are no holes. */
    @Nullable
    SparseMap sparse;

    final List<Xattr> xattrs = new ArrayList<>();

    boolean isHardLink() {
        return flag == '1';
    }
}
