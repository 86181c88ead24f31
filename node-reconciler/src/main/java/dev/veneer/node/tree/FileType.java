package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;

/** The types of files that a tree may hold. */
public enum FileType {
    DIRECTORY('d', Abi.S_IFDIR),
    REGULAR('f', Abi.S_IFREG),
    SYMLINK('l', Abi.S_IFLNK),
    CHARACTER_DEVICE('c', Abi.S_IFCHR),
    BLOCK_DEVICE('b', Abi.S_IFBLK),
    FIFO('p', Abi.S_IFIFO),
    SOCKET('s', Abi.S_IFSOCK);

    private static final FileType[] VALUES = values();

    private final char code;
    private final int modeBits;

    FileType(char code, int modeBits) {
        this.code = code;
        this.modeBits = modeBits;
    }

    /** Its letter in a manifest. */
    public char code() {
        return code;
    }

    /** Its {@code S_IF…} bits. */
    public int modeBits() {
        return modeBits;
    }

    /** Whether it is a character or block device. */
    public boolean isDevice() {
        return this == CHARACTER_DEVICE || this == BLOCK_DEVICE;
    }

    /** By the type bits of a mode. */
    public static FileType ofMode(int mode) {
        for (FileType type : VALUES) {
            if (type.modeBits == (mode & Abi.S_IFMT)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no file type has mode 0" + Integer.toOctalString(mode));
    }

    /** By its letter in a manifest. */
    public static FileType ofCode(int code) {
        for (FileType type : VALUES) {
            if (type.code == code) {
                return type;
            }
        }
        throw new IllegalArgumentException("no file type has code " + code);
    }
}
