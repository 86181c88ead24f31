package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.Sha256;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.Xattr;
import java.nio.ByteBuffer;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recipes by path, packed: the owner of a sliver may make a million directories, each of which has one. A path is kept as
 * half of its SHA-256, and how a directory is described as some 30 bytes. Recipes can be replaced, but not taken away, and
 * are not listed.
 */
public final class PackedRecipes extends AbstractMap<Bytes, Recipe> {
    private static final int KEY = 16;
    private static final int CHUNK_BITS = 20;
    private static final int FIRST_SLOTS = 1 << 10;

    /** A chunk's number and a place in it, plus one; 0 is a free slot. Keys are as good as random numbers. */
    private long[] slots = new long[FIRST_SLOTS];

    private final List<byte[]> chunks = new ArrayList<>();
    private final Map<Bytes, Recipe> others = new HashMap<>();
    private int end = 1 << CHUNK_BITS;
    private int packed;

    @Override
    public @Nullable Recipe get(@Nullable Object path) {
        if (!(path instanceof Bytes bytes)) {
            return null;
        }
        long at = slots[slot(key(bytes))];
        return at == 0
                ? others.get(bytes)
                : read(ByteBuffer.wrap(chunk(at), place(at) + KEY, chunk(at).length - place(at) - KEY));
    }

    @Override
    public boolean containsKey(@Nullable Object path) {
        return get(path) != null;
    }

    @Override
    public int size() {
        return packed + others.size();
    }

    @Override
    public @Nullable Recipe put(Bytes path, Recipe recipe) {
        Recipe before = get(path);
        byte[] value = packed(recipe);
        if (value == null) {
            if (before != null && !others.containsKey(path)) {
                throw new IllegalArgumentException("a directory that is a file too: " + path);
            }
            others.put(path, recipe);
            return before;
        }
        others.remove(path);
        packed += slots[slot(key(path))] == 0 ? 1 : 0;
        if (2 * packed > slots.length) {
            grow();
        }
        byte[] key = key(path);
        slots[slot(key)] = append(key, value);
        return before;
    }

    /** Not told: whoever has the paths asks for them one by one. */
    @Override
    public Set<Map.Entry<Bytes, Recipe>> entrySet() {
        throw new UnsupportedOperationException("recipes are not listed");
    }

    @Override
    public boolean isEmpty() {
        return size() == 0;
    }

    @Override
    public String toString() {
        return size() + " recipes";
    }

    private static byte[] key(Bytes path) {
        return Sha256.of(path.array());
    }

    /** Where a key's recipe is, or would be. */
    private int slot(byte[] key) {
        int mask = slots.length - 1;
        int at = ByteBuffer.wrap(key).getInt() & mask;
        while (slots[at] != 0 && !isKey(slots[at], key)) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private boolean isKey(long at, byte[] key) {
        byte[] chunk = chunk(at);
        int place = place(at);
        for (int i = 0; i < KEY; i++) {
            if (chunk[place + i] != key[i]) {
                return false;
            }
        }
        return true;
    }

    private byte[] chunk(long at) {
        return chunks.get((int) ((at - 1) >>> 32));
    }

    private static int place(long at) {
        return (int) (at - 1);
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        byte[] key = new byte[KEY];
        for (long at : old) {
            if (at != 0) {
                System.arraycopy(chunk(at), place(at), key, 0, KEY);
                slots[slot(key)] = at;
            }
        }
    }

    private long append(byte[] key, byte[] value) {
        int length = KEY + value.length;
        if (chunks.isEmpty() || end + length > chunks.get(chunks.size() - 1).length) {
            chunks.add(new byte[Math.max(length, 1 << CHUNK_BITS)]);
            end = 0;
        }
        byte[] chunk = chunks.get(chunks.size() - 1);
        System.arraycopy(key, 0, chunk, end, KEY);
        System.arraycopy(value, 0, chunk, end + KEY, value.length);
        long at = ((long) (chunks.size() - 1) << 32 | end) + 1;
        end += length;
        return at;
    }

    /** Null for what mergers make, of which there is not much. */
    private static byte @Nullable [] packed(Recipe recipe) {
        if (recipe instanceof Recipe.Moved moved) {
            byte[] path = moved.path().array();
            return ByteBuffer.allocate(5 + path.length)
                    .put((byte) 'm')
                    .putInt(path.length)
                    .put(path)
                    .array();
        }
        if (!(recipe instanceof Recipe.Described described)
                || described.identity().type() != FileType.DIRECTORY) {
            return null;
        }
        Identity identity = described.identity();
        int length = 1 + 2 + 4 + 4 + 8 + 4 + 1 + 2;
        for (Xattr xattr : identity.xattrs()) {
            length += 8 + xattr.name().length() + xattr.value().length();
        }
        ByteBuffer into = ByteBuffer.allocate(length);
        into.put((byte) 'd')
                .putShort((short) identity.permissions())
                .putInt(identity.uid())
                .putInt(identity.gid());
        into.putLong(identity.mtimeSec()).putInt(identity.mtimeNsec()).put((byte) identity.flags());
        into.putShort((short) identity.xattrs().size());
        for (Xattr xattr : identity.xattrs()) {
            into.putInt(xattr.name().length()).put(xattr.name().array());
            into.putInt(xattr.value().length()).put(xattr.value().array());
        }
        return into.array();
    }

    private static Recipe read(ByteBuffer from) {
        if (from.get() == 'm') {
            return new Recipe.Moved(bytes(from));
        }
        int permissions = from.getShort();
        int uid = from.getInt();
        int gid = from.getInt();
        long seconds = from.getLong();
        int nanoseconds = from.getInt();
        int flags = from.get();
        List<Xattr> xattrs = new ArrayList<>();
        for (int left = from.getShort() & 0xffff; left > 0; left--) {
            xattrs.add(new Xattr(bytes(from), bytes(from)));
        }
        return new Recipe.Described(new Identity(
                FileType.DIRECTORY,
                permissions,
                uid,
                gid,
                seconds,
                nanoseconds,
                flags,
                xattrs,
                0,
                Bytes.EMPTY,
                Bytes.EMPTY,
                0,
                0));
    }

    private static Bytes bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.getInt()];
        from.get(bytes);
        return Bytes.wrap(bytes);
    }
}
