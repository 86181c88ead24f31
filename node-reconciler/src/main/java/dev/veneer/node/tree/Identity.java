package dev.veneer.node.tree;

import java.util.List;

/**
 * What identifies a file: two trees are equal when all paths' identities, and the groups of paths that are hard links
 * of one file, are. Never part of it: link count, inode number, access, change and birth time, holes.
 *
 * @param type type
 * @param permissions mode without the type: twelve bits
 * @param uid owner, an unsigned 32 bit number
 * @param gid group, an unsigned 32 bit number
 * @param mtimeSec modification time, seconds since 1970, may be negative
 * @param mtimeNsec and nanoseconds, 0 to 999,999,999
 * @param flags {@link #IMMUTABLE} and {@link #APPEND_ONLY}
 * @param xattrs sorted by name, only what {@link XattrPolicy} lets belong to it
 * @param size of a regular file, in bytes; else 0
 * @param content SHA-256 of a regular file's content; else empty
 * @param target of a symbolic link; else empty
 * @param deviceMajor of a device node; else 0
 * @param deviceMinor of a device node; else 0
 */
public record Identity(
        FileType type,
        int permissions,
        int uid,
        int gid,
        long mtimeSec,
        int mtimeNsec,
        int flags,
        List<Xattr> xattrs,
        long size,
        Bytes content,
        Bytes target,
        int deviceMajor,
        int deviceMinor) {

    /** Inode flag {@code i}: not even root changes it. */
    public static final int IMMUTABLE = 1;

    /** Inode flag {@code a}: grows only. */
    public static final int APPEND_ONLY = 2;

    /** Bytes of a content's SHA-256. */
    public static final int CONTENT_BYTES = 32;

    public Identity {
        xattrs = List.copyOf(xattrs);
    }

    /** Whether all but size and content is the same. */
    public boolean sameMetadata(Identity other) {
        return mtimeNsec == other.mtimeNsec && mtimeSec == other.mtimeSec && sameButTime(other);
    }

    /** Whether all but size, content and time is the same. */
    public boolean sameButTime(Identity other) {
        return type == other.type
                && deviceMajor == other.deviceMajor
                && deviceMinor == other.deviceMinor
                && target.equals(other.target)
                && sameDescription(other);
    }

    /** Whether mode, owner, attributes and flags are the same. */
    public boolean sameDescription(Identity other) {
        return permissions == other.permissions
                && uid == other.uid
                && gid == other.gid
                && flags == other.flags
                && xattrs.equals(other.xattrs);
    }

    /** Whether type, size, content, target and device are the same, where both know their content. */
    public boolean sameContent(Identity other) {
        return type == other.type
                && size == other.size
                && content.equals(other.content)
                && target.equals(other.target)
                && deviceMajor == other.deviceMajor
                && deviceMinor == other.deviceMinor;
    }

    /** This content and time with the mode, owner, attributes and flags of another. */
    public Identity describedAs(Identity other) {
        return new Identity(
                type,
                other.permissions,
                other.uid,
                other.gid,
                mtimeSec,
                mtimeNsec,
                other.flags,
                other.xattrs,
                size,
                content,
                target,
                deviceMajor,
                deviceMinor);
    }

    /** The same with this modification time. */
    public Identity withTime(long seconds, int nanoseconds) {
        return new Identity(
                type,
                permissions,
                uid,
                gid,
                seconds,
                nanoseconds,
                flags,
                xattrs,
                size,
                content,
                target,
                deviceMajor,
                deviceMinor);
    }

    /** The same file with this content. */
    public Identity withContent(Bytes sha256) {
        return new Identity(
                type,
                permissions,
                uid,
                gid,
                mtimeSec,
                mtimeNsec,
                flags,
                xattrs,
                size,
                sha256,
                target,
                deviceMajor,
                deviceMinor);
    }
}
