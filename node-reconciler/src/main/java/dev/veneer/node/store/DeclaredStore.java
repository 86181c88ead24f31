package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a source declared last, for sources that may be out of reach when the agent is started again: one file for each object,
 * whatever was made of it. What is kept is only as good as its files: one that cannot be read is an object that nobody knows of,
 * and of what was made for it the record in the store still counts.
 *
 * <p>One writer, one thread at a time.
 */
public final class DeclaredStore {
    private static final String SUFFIX = ".json";
    private static final int HEARD_LIMIT = 64;

    /** Up to so many files are waited for one by one; beyond, the whole file system once. */
    private static final int FEW = 8;

    private final StoreFiles files;
    private final StoreLayout layout;
    private final Map<ObjectRef, String> known = new TreeMap<>();
    private @Nullable String source;

    /** Whether nothing lies there but what is known: at first there may be others' files, or unfinished ones. */
    private boolean settled;

    DeclaredStore(StoreFiles files, StoreLayout layout) {
        this.files = files;
        this.layout = layout;
    }

    /**
     * What was found.
     *
     * @param objects each object's text, as it was kept
     * @param problems files that could not be read, with why
     */
    public record Found(Map<ObjectRef, String> objects, List<String> problems) {}

    /**
     * Reads what is kept of a source. What is there of others is left out, and goes with the next {@link #keep}.
     *
     * @throws NodeException when the disk itself fails
     */
    public Found read(String id) throws NodeException {
        known.clear();
        source = id;
        List<String> problems = new ArrayList<>();
        for (String name : names()) {
            String path = StoreLayout.DECLARED + "/" + name;
            try {
                JsonObject json = JsonObject.parse(files.read(path, Store.RECORD_LIMIT));
                ObjectRef ref = ref(json.text("kind"), json.text("declared"));
                boolean ours = json.text("source").equals(id);
                String text = json.text("object");
                json.end("kept object");
                if (!name.equals(name(ref))) {
                    throw new BadRecordException("it is that of " + ref);
                }
                if (ours) {
                    known.put(ref, text);
                }
            } catch (BadRecordException e) {
                problems.add(layout.absolute(path) + " is left out: " + e.getMessage());
            } catch (LinuxException e) {
                if (!e.is(Errno.ENOENT, Errno.EFBIG, Errno.EINVAL, Errno.EISDIR, Errno.ELOOP)) {
                    throw StoreFault.of(e, "reading what was declared", layout.absolute(path));
                }
                problems.add(layout.absolute(path) + " is left out: " + e.getMessage());
            }
        }
        return new Found(new TreeMap<>(known), problems);
    }

    private static ObjectRef ref(String kind, String name) throws BadRecordException {
        try {
            ObjectRef ref = new ObjectRef(ObjectRef.Kind.valueOf(kind), name);
            if (ref.kind() == ObjectRef.Kind.Sliver) {
                SliverId.parse(name);
            }
            return ref;
        } catch (IllegalArgumentException e) {
            throw new BadRecordException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Keeps what a source declares now, and nothing else. When this returns, all of it is on the disk.
     *
     * @param now each object's text
     * @throws NodeException when not all could be written; what was, is durable or as it was before
     */
    public void keep(String id, Map<ObjectRef, String> now) throws NodeException {
        if (!id.equals(source)) {
            read(id);
        }
        Map<ObjectRef, byte[]> changed = new TreeMap<>();
        now.forEach((ref, text) -> {
            byte[] content = text.equals(known.get(ref)) ? null : content(id, ref, text);
            if (content != null && content.length <= Store.RECORD_LIMIT) {
                changed.put(ref, content);
            }
        });
        try {
            write(changed);
            for (ObjectRef ref : changed.keySet()) {
                known.put(ref, String.valueOf(now.get(ref)));
            }
            boolean gone = remove(now.keySet());
            if (gone || !changed.isEmpty()) {
                files.syncDirectory(StoreLayout.DECLARED);
            }
        } catch (LinuxException e) {
            // Nobody knows any more what is there: the next time looks.
            source = null;
            throw StoreFault.of(e, "keeping what is declared", layout.absolute(StoreLayout.DECLARED));
        }
    }

    private void write(Map<ObjectRef, byte[]> changed) throws LinuxException {
        if (changed.isEmpty()) {
            return;
        }
        if (files.makeDirectory(StoreLayout.DECLARED, StoreLayout.PRIVATE)) {
            files.calls().fsync(files.root());
        }
        boolean few = changed.size() <= FEW;
        for (Map.Entry<ObjectRef, byte[]> each : changed.entrySet()) {
            files.write(unfinished(each.getKey()), each.getValue(), few);
        }
        if (!few) {
            files.calls().syncfs(files.root());
        }
        for (ObjectRef ref : changed.keySet()) {
            files.rename(unfinished(ref), StoreLayout.DECLARED + "/" + name(ref), 0);
        }
    }

    /** Removes all files but those of these objects. */
    private boolean remove(Set<ObjectRef> kept) throws LinuxException {
        if (kept.containsAll(known.keySet()) && settled) {
            return false;
        }
        Set<String> names = new HashSet<>();
        kept.forEach(ref -> names.add(name(ref)));
        boolean gone = false;
        for (String name : files.list(StoreLayout.DECLARED)) {
            boolean ours = name.endsWith(SUFFIX) || name.startsWith(StoreLayout.UNFINISHED);
            if (ours && !names.contains(name)) {
                gone |= removed(StoreLayout.DECLARED + "/" + name);
            }
        }
        known.keySet().retainAll(kept);
        settled = true;
        return gone;
    }

    private boolean removed(String path) throws LinuxException {
        try {
            return files.remove(path);
        } catch (LinuxException e) {
            if (e.is(Errno.EISDIR)) {
                return false; // no work of ours, and never read
            }
            throw e;
        }
    }

    private List<String> names() throws NodeException {
        settled = false;
        try {
            return files.list(StoreLayout.DECLARED).stream()
                    .filter(name -> name.endsWith(SUFFIX) && !name.startsWith(StoreLayout.UNFINISHED))
                    .toList();
        } catch (LinuxException e) {
            if (e.is(Errno.ENOTDIR, Errno.ELOOP)) {
                return List.of();
            }
            throw StoreFault.of(e, "reading what was declared", layout.absolute(StoreLayout.DECLARED));
        }
    }

    /** Notes when the source was heard of; not waited for, since it only says how old the rest is. */
    public void heard(Instant at) throws NodeException {
        String unfinished = StoreLayout.DECLARED + "/" + StoreLayout.UNFINISHED + StoreLayout.HEARD;
        try {
            files.makeDirectory(StoreLayout.DECLARED, StoreLayout.PRIVATE);
            files.write(unfinished, (at + "\n").getBytes(StandardCharsets.UTF_8), false);
            files.rename(unfinished, StoreLayout.DECLARED + "/" + StoreLayout.HEARD, 0);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "noting when the source was heard of", layout.absolute(StoreLayout.DECLARED));
        }
    }

    /** When the source was heard of last, as far as that is known. */
    public Optional<Instant> heard() {
        try {
            byte[] content = files.read(StoreLayout.DECLARED + "/" + StoreLayout.HEARD, HEARD_LIMIT);
            return Optional.of(Instant.parse(new String(content, StandardCharsets.UTF_8).strip()));
        } catch (LinuxException | DateTimeException e) {
            // It is only told to people, who are then told that nobody knows.
            return Optional.empty();
        }
    }

    private static byte[] content(String source, ObjectRef ref, String text) {
        return RecordCodec.bytes(json -> {
            json.writeStringField("kind", ref.kind().name());
            json.writeStringField("declared", ref.name());
            json.writeStringField("source", source);
            json.writeStringField("object", text);
        });
    }

    private static String unfinished(ObjectRef ref) {
        return StoreLayout.DECLARED + "/" + StoreLayout.UNFINISHED + name(ref);
    }

    /** Names of objects are DNS labels, so that a dot parts them. */
    private static String name(ObjectRef ref) {
        return ref.kind().name().toLowerCase(Locale.ROOT) + "." + ref.name().replace('/', '.') + SUFFIX;
    }
}
