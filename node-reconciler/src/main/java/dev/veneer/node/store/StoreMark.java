package dev.veneer.node.store;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Tells one store of a machine from another, in few letters and without reading what somebody could have copied. */
final class StoreMark {
    private StoreMark() {}

    /** Eight hexadecimal digits made of the store's device and inode. */
    static String of(StoreFiles files) throws LinuxException {
        Statx root = new Statx();
        files.stat(".", root);
        return of(root);
    }

    /** The same of the root of a store. */
    static String of(Statx root) {
        CRC32C sum = new CRC32C();
        sum.update(ByteBuffer.allocate(16).putLong(root.dev()).putLong(root.ino).flip());
        return String.format("%08x", sum.getValue());
    }
}
