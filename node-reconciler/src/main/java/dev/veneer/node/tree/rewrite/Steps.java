package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.TreePath;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * What a writable store has to hold: a step for each path, in the order of a manifest. Paths that the base gives have
 * none. Packed, a path as what it shares with the one before and the rest, so that a million steps take some tens of
 * megabytes.
 */
public final class Steps {
    /** What the store holds at a path. */
    public enum Kind {
        /** A directory that is described otherwise than the base's, or is not in the base. */
        DIRECTORY('d'),
        /** Anything else that the base does not give. */
        FILE('f'),
        /** As the base has it; held only if {@link LinkSets} says that the base cannot give it. */
        SAME('s'),
        /** Nothing, where the base has something. */
        DELETE('-');

        private final char code;

        Kind(char code) {
            this.code = code;
        }

        private static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalStateException("no kind of step has code " + code);
        }
    }

    private static final int CHUNK = 1 << 20;

    private final List<byte[]> chunks = new ArrayList<>();
    private ByteArrayOutputStream open = new ByteArrayOutputStream();
    private byte[] last = {};
    private long count;

    /** What is done with a step. */
    @FunctionalInterface
    public interface Visitor {
        void step(Kind kind, byte[] path) throws LinuxException, NodeException;
    }

    /** Adds the step of the next path. */
    public void add(Kind kind, byte[] path) {
        int mismatch = Arrays.mismatch(last, path);
        int shared = mismatch < 0 ? path.length : mismatch;
        open.write(kind.code);
        number(shared);
        number(path.length - shared);
        open.write(path, shared, path.length - shared);
        last = path;
        count++;
        if (open.size() > CHUNK) {
            chunks.add(open.toByteArray());
            open = new ByteArrayOutputStream(CHUNK + 8192);
        }
    }

    /** How many there are. */
    public long count() {
        return count;
    }

    /**
     * These with others among them, in order. Where both have a step of a path, the other's counts, but a directory
     * stays the one that it is.
     *
     * @param others sorted by {@link TreePath#compare}
     */
    public Steps with(SortedMap<byte[], Kind> others) throws LinuxException, NodeException {
        Steps merged = new Steps();
        Deque<Map.Entry<byte[], Kind>> left = new ArrayDeque<>(others.entrySet());
        forEach((kind, path) -> {
            while (!left.isEmpty() && TreePath.compare(left.element().getKey(), path) < 0) {
                merged.add(left.remove());
            }
            Map.Entry<byte[], Kind> other = left.peek();
            if (other != null && Arrays.equals(other.getKey(), path)) {
                left.remove();
                if (kind != Kind.DIRECTORY) {
                    merged.add(other);
                    return;
                }
            }
            merged.add(kind, path);
        });
        while (!left.isEmpty()) {
            merged.add(left.remove());
        }
        return merged;
    }

    private void add(Map.Entry<byte[], Kind> step) {
        add(step.getValue(), step.getKey());
    }

    /** These without the steps of some paths. */
    public Steps without(Set<Bytes> paths) throws LinuxException, NodeException {
        if (paths.isEmpty()) {
            return this;
        }
        Steps rest = new Steps();
        forEach((kind, path) -> {
            if (!paths.contains(Bytes.wrap(path))) {
                rest.add(kind, path);
            }
        });
        return rest;
    }

    private void number(int value) {
        int left = value;
        while (left > 0x7f) {
            open.write(left | 0x80);
            left >>>= 7;
        }
        open.write(left);
    }

    /** Goes through all of them in order. */
    public void forEach(Visitor visitor) throws LinuxException, NodeException {
        for (Cursor each = cursor(); each.next(); ) {
            LongWork.passed();
            visitor.step(each.kind(), each.path());
        }
    }

    /** A way through all of them, before the first. */
    public Cursor cursor() {
        List<byte[]> all = new ArrayList<>(chunks);
        all.add(open.toByteArray());
        return new Cursor(all);
    }

    /** Where one is on the way through steps. */
    public static final class Cursor {
        private final List<byte[]> chunks;
        private int chunk;
        private Decoder decoder;
        private byte[] path = {};
        private Kind kind = Kind.DIRECTORY;

        private Cursor(List<byte[]> chunks) {
            this.chunks = chunks;
            this.decoder = new Decoder(chunks.get(0));
        }

        /** Goes on; whether there was one more. */
        public boolean next() {
            while (decoder.at == decoder.bytes.length) {
                if (++chunk >= chunks.size()) {
                    return false;
                }
                decoder = new Decoder(chunks.get(chunk));
            }
            kind = Kind.of(decoder.bytes[decoder.at++]);
            int shared = decoder.number();
            int rest = decoder.number();
            byte[] next = Arrays.copyOf(path, shared + rest);
            System.arraycopy(decoder.bytes, decoder.at, next, shared, rest);
            decoder.at += rest;
            path = next;
            return true;
        }

        /** What the store holds there. */
        public Kind kind() {
            return kind;
        }

        /** Which path; an array of its own for each step. */
        public byte[] path() {
            return path;
        }
    }

    private static final class Decoder {
        final byte[] bytes;
        int at;

        Decoder(byte[] bytes) {
            this.bytes = bytes;
        }

        int number() {
            int value = 0;
            for (int shift = 0; ; shift += 7) {
                int octet = bytes[at++];
                value |= (octet & 0x7f) << shift;
                if (octet >= 0) {
                    return value;
                }
            }
        }
    }
}
