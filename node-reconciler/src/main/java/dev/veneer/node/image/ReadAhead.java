package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads and decompresses on a thread of its own, a few chunks ahead, so that it overlaps with digesting and writing.
 * What goes wrong there comes out of {@link #read} here.
 */
final class ReadAhead extends InputStream {
    private static final int CHUNKS = 8;
    private static final int CHUNK_BYTES = 256 * 1024;
    private static final long JOIN_MILLIS = 10_000;

    private final ArrayBlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS + 1);
    private final ArrayBlockingQueue<Chunk> empty = new ArrayBlockingQueue<>(CHUNKS + 1);
    private final long patienceSeconds;
    private final Thread thread;
    private @Nullable Chunk current;
    private boolean ended;

    private static final class Chunk {
        final byte[] bytes;
        int at;
        int end;

        @Nullable
        Throwable failure;

        Chunk(int size) {
            bytes = new byte[size];
        }
    }

    /** Opens the stream to be read, on the reading thread, and closes it there. */
    interface Opening {
        InputStream open() throws IOException, NodeException;

        /** Called after the last byte was read: what is to be checked then. */
        default void ended() throws IOException, NodeException {}
    }

    /** @param patienceSeconds how long to wait for bytes before the source is taken for dead */
    ReadAhead(Opening opening, long patienceSeconds) {
        this.patienceSeconds = patienceSeconds;
        for (int i = 0; i < CHUNKS; i++) {
            empty.add(new Chunk(CHUNK_BYTES));
        }
        thread = new Thread(() -> run(opening), "veneer-read-ahead");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(Opening opening) {
        Chunk last = new Chunk(0);
        try (InputStream in = opening.open()) {
            while (true) {
                Chunk chunk = empty.take();
                chunk.at = 0;
                chunk.end = 0;
                int count;
                do {
                    count = in.read(chunk.bytes, chunk.end, CHUNK_BYTES - chunk.end);
                    chunk.end += Math.max(0, count);
                } while (count > 0 && chunk.end < CHUNK_BYTES);
                if (chunk.end > 0) {
                    full.put(chunk);
                }
                if (count < 0) {
                    break;
                }
            }
            opening.ended();
        } catch (Throwable e) {
            // Whatever it is, the importing thread has to hear of it.
            last.failure = e;
        }
        // There is one place more than chunks.
        full.offer(last);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Chunk chunk = current;
        while (chunk == null || chunk.at == chunk.end) {
            if (chunk != null) {
                empty.add(chunk);
                current = null;
            }
            if (ended) {
                return -1;
            }
            chunk = take();
            if (chunk.bytes.length == 0) {
                ended = true;
                rethrow(chunk.failure);
                return -1;
            }
            current = chunk;
        }
        int count = Math.min(length, chunk.end - chunk.at);
        System.arraycopy(chunk.bytes, chunk.at, into, offset, count);
        chunk.at += count;
        return count;
    }

    private Chunk take() throws IOException {
        try {
            Chunk chunk = full.poll(patienceSeconds, TimeUnit.SECONDS);
            if (chunk == null) {
                throw new SourceException("the source gave nothing for " + patienceSeconds + " seconds");
            }
            return chunk;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while importing");
        }
    }

    private static void rethrow(@Nullable Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof NodeException e) {
            throw new CarriedException(e);
        }
        if (failure != null) {
            throw new SourceException("reading was interrupted", failure);
        }
    }

    /** A {@link NodeException} on its way through a stream. */
    static final class CarriedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final NodeException carried;

        CarriedException(NodeException carried) {
            super(carried);
            this.carried = carried;
        }

        NodeException carried() {
            return carried;
        }
    }

    /** Ends the reading thread and waits for it. */
    @Override
    public void close() throws IOException {
        thread.interrupt();
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What an exception from a stream means for the import. */
    static NodeException explain(IOException e) {
        if (e instanceof CarriedException carried) {
            return carried.carried();
        }
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (e instanceof SourceException) {
            return new NodeException(Reason.FetchFailed, Follow.RETRY, message, e);
        }
        if (e instanceof InterruptedIOException) {
            return new NodeException(Reason.Progressing, Follow.RETRY, message, e);
        }
        return Refusals.content("the archive is damaged: " + message, e);
    }
}
