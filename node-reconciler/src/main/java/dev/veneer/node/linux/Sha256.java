package dev.veneer.node.linux;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 by libcrypto where it is there, else by Java: the same digest, and for large content the processor's own
 * instructions, which Java uses only when its second compiler has got to it (docs/decisions/0003-command-start.md).
 */
public final class Sha256 {
    private Sha256() {}

    /** A fresh digest. Not for several threads at once. */
    public static MessageDigest create() {
        MessageDigest digest = createNative();
        return digest == null ? createJava() : digest;
    }

    /** The digest of a few bytes. */
    public static byte[] of(byte[] content) {
        return createJava().digest(content);
    }

    /** By libcrypto; null where it cannot be used. */
    static @Nullable MessageDigest createNative() {
        LibCrypto library = LibCrypto.get();
        if (library == null) {
            return null;
        }
        long context = library.newContext();
        if (context == 0) {
            return null;
        }
        if (!library.begin(context)) {
            library.free(context);
            return null;
        }
        return new Native(library, context);
    }

    /** By Java. */
    static MessageDigest createJava() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static final class Native extends MessageDigest {
        private static final Cleaner CLEANER = Cleaner.create();
        private static final int LENGTH = 32;
        /** As much as the readers of files read at once. */
        private static final int CHUNK = 64 * 1024;

        private final LibCrypto library;
        private final long context;

        /** None yet: who might have to digest something, and does not, takes no native memory. */
        private @Nullable ByteBuffer taken;

        private long address;

        /** Small updates wait: bytes of the chunk that are not digested yet. */
        private int waiting;

        Native(LibCrypto library, long context) {
            super("SHA-256");
            this.library = library;
            this.context = context;
            CLEANER.register(this, () -> library.free(context));
        }

        private ByteBuffer chunk() {
            ByteBuffer chunk = taken;
            if (chunk == null) {
                chunk = ByteBuffer.allocateDirect(CHUNK);
                address = MemoryIO.getInstance().getDirectBufferAddress(chunk);
                taken = chunk;
            }
            return chunk;
        }

        @Override
        protected int engineGetDigestLength() {
            return LENGTH;
        }

        @Override
        protected void engineUpdate(byte input) {
            if (waiting == CHUNK) {
                feed();
            }
            chunk().put(waiting++, input);
        }

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {
            ByteBuffer chunk = chunk();
            int done = 0;
            while (done < length) {
                if (waiting == CHUNK) {
                    feed();
                }
                int part = Math.min(length - done, CHUNK - waiting);
                chunk.put(waiting, input, offset + done, part);
                waiting += part;
                done += part;
            }
        }

        /** What lies outside the heap is digested where it lies. */
        @Override
        protected void engineUpdate(ByteBuffer input) {
            if (!input.isDirect()) {
                super.engineUpdate(input);
                return;
            }
            feed();
            long from = MemoryIO.getInstance().getDirectBufferAddress(input) + input.position();
            int count = input.remaining();
            try {
                call(() -> library.update(context, from, count));
            } finally {
                Reference.reachabilityFence(input);
            }
            input.position(input.limit());
        }

        private void feed() {
            if (waiting > 0) {
                call(() -> library.update(context, address, waiting));
                waiting = 0;
            }
        }

        @Override
        protected byte[] engineDigest() {
            feed();
            ByteBuffer chunk = chunk();
            call(() -> library.end(context, address));
            byte[] digest = new byte[LENGTH];
            chunk.get(0, digest);
            call(() -> library.begin(context));
            return digest;
        }

        @Override
        protected void engineReset() {
            waiting = 0;
            call(() -> library.begin(context));
        }

        private void call(BooleanSupplier function) {
            boolean succeeded;
            try {
                succeeded = function.getAsBoolean();
            } finally {
                // The cleaner must not free under the call what it works with.
                Reference.reachabilityFence(this);
            }
            if (!succeeded) {
                throw new ProviderException("libcrypto could not go on with a digest");
            }
        }
    }
}
