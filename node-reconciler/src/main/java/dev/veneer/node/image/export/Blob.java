package dev.veneer.node.image.export;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** A new file in a directory of ours that is digested as it is written. */
final class Blob extends OutputStream {
    private final LinuxCalls calls;
    private final Fd file;
    private final MessageDigest sha256 = ContentHasher.sha256();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
    private long size;

    private Blob(LinuxCalls calls, Fd file) {
        this.calls = calls;
        this.file = file;
    }

    /** Makes a file that is not there yet. */
    static Blob create(LinuxCalls calls, int directory, byte[] name) throws LinuxException {
        long flags = Abi.O_WRONLY | Abi.O_CREAT | Abi.O_EXCL | Abi.O_NOFOLLOW;
        return new Blob(calls, new Fd(calls, calls.openat2(directory, name, flags, 0600, Abi.RESOLVE_BENEATH)));
    }

    @Override
    public void write(int b) throws LinuxException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws LinuxException {
        sha256.update(bytes, offset, length);
        size += length;
        for (int done = 0; done < length; ) {
            int part = Math.min(buffer.remaining(), length - done);
            buffer.put(bytes, offset + done, part);
            done += part;
            if (!buffer.hasRemaining()) {
                drain();
            }
        }
    }

    private void drain() throws LinuxException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            calls.write(file.number(), buffer);
        }
        buffer.clear();
    }

    /** Writes the rest and makes the content durable; nothing is written afterwards. */
    void finish() throws LinuxException {
        drain();
        calls.fsync(file.number());
    }

    /** Bytes written. */
    long size() {
        return size;
    }

    /** {@code sha256:} and the digest, once all is written. */
    String digest() {
        return "sha256:" + Bytes.wrap(sha256.digest()).hex();
    }

    @Override
    public void close() {
        file.close();
    }
}
