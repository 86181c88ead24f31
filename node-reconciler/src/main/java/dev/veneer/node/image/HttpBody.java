package dev.veneer.node.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer: counts its bytes, tells a failing connection from wrong content, and holds the server to the
 * length that it stated. What went wrong once goes wrong at every further call: decompressors take an error behind their
 * data for the end of it.
 */
final class HttpBody extends FilterInputStream {
    private final long stated;
    private final AtomicLong counter;
    private final URI from;
    private long received;
    private @Nullable SourceException failure;

    /**
     * @param stated bytes that the server says there are, below zero when it does not say
     * @param counter gets the bytes read added
     */
    HttpBody(InputStream in, long stated, AtomicLong counter, URI from) {
        super(in);
        this.stated = stated;
        this.counter = counter;
        this.from = from;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (failure != null) {
            throw failure;
        }
        int count;
        try {
            count = in.read(into, offset, length);
        } catch (IOException e) {
            throw failed(new SourceException("the connection failed while reading " + from + ": " + e.getMessage(), e));
        }
        received += Math.max(0, count);
        if (stated >= 0 && (count < 0 ? received < stated : received > stated)) {
            throw failed(new SourceException("the answer from " + from + (count < 0 ? " ended after " : " is longer: ")
                    + received + " of " + stated + " bytes"));
        }
        counter.addAndGet(Math.max(0, count));
        return count;
    }

    private SourceException failed(SourceException e) {
        failure = e;
        return e;
    }

    /** Reads rather than skips, since every byte counts. */
    @Override
    public long skip(long count) throws IOException {
        byte[] part = new byte[(int) Math.min(Math.max(0, count), 8192)];
        return Math.max(0, read(part, 0, part.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
