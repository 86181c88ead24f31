package dev.veneer.node.cli;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A command's result, in UTF-8 and buffered; knows why it could not be written, which {@link PrintStream} forgets. */
final class ResultStream extends PrintStream {
    private static final int BUFFER = 16384;

    private final Remembering to;

    private ResultStream(Remembering to) {
        super(new BufferedOutputStream(to, BUFFER), false, StandardCharsets.UTF_8);
        this.to = to;
    }

    static ResultStream to(OutputStream out) {
        return new ResultStream(new Remembering(out));
    }

    /**
     * Why a part of the result is lost, or null. A reader that has read enough and closed its end of a pipe, as {@code
     * head} does, loses nothing.
     */
    @Nullable
    IOException lost() {
        flush();
        IOException failure = to.failure;
        boolean enough = failure != null && String.valueOf(failure.getMessage()).contains("Broken pipe");
        return enough ? null : failure;
    }

    private static final class Remembering extends FilterOutputStream {
        private @Nullable IOException failure;

        private Remembering(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }
    }
}
