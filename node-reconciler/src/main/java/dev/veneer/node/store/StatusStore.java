package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The status of each object, as JSON, beside what it is about. Written only when it differs, by a rename but without
 * waiting for the disk: after a power cut it may be old or gone, and is then computed anew. One writer; its methods may
 * be called by several threads for different objects.
 */
public final class StatusStore {
    private static final int LIMIT = 1 << 20;
    private static final int REPORT_LIMIT = 64 << 20;
    private static final String SUFFIX = ".json";
    private static final String ABSENT_PREFIX = "sliver.";
    private static final String IMAGE_PREFIX = "baseimage.";

    /** Is told what is written, by the thread that writes. */
    public interface Listener {
        /** Of an object that is there. */
        void written(ObjectRef object, String status);

        /** Of a sliver that is declared and not there: the whole object. */
        void writtenAbsent(SliverId id, String object);

        /** Of an object that was written, in the middle of a pass that goes on for long. */
        void meanwhile(ObjectRef object);
    }

    private final StoreFiles files;
    private final StoreLayout layout;
    private final boolean writable;
    private volatile @Nullable Listener listener;
    private final Map<ObjectRef, Integer> written = new ConcurrentHashMap<>();
    private final Map<SliverId, Integer> absent = new ConcurrentHashMap<>();

    /** Whether there may be files of {@link #writeAbsent}: at first nobody knows. */
    private boolean absentKnown = true;

    StatusStore(StoreFiles files, StoreLayout layout, boolean writable) {
        this.files = files;
        this.layout = layout;
        this.writable = writable;
    }

    /** Has somebody told what is written from now on. */
    public void tell(Listener who) {
        listener = who;
    }

    private void told(ObjectRef object, String json) {
        Listener who = listener;
        if (who != null) {
            who.written(object, json);
        }
    }

    /** The status of an object as JSON text; empty when there is none, or none that can be read. */
    public Optional<String> read(ObjectRef object) throws NodeException {
        String path = path(object);
        try {
            return Optional.of(new String(files.read(path, LIMIT), StandardCharsets.UTF_8));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.EFBIG, Errno.EINVAL, Errno.EISDIR, Errno.ELOOP)) {
                return Optional.empty();
            }
            throw StoreFault.of(e, "reading the status of " + object, layout.absolute(path));
        }
    }

    /**
     * Writes the status of an object where it differs from what was written last.
     *
     * @param json the whole status, one JSON object
     * @return whether something was written
     */
    public boolean write(ObjectRef object, String json) throws NodeException {
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        int hash = Arrays.hashCode(content);
        Integer before = written.get(object);
        if (before != null ? before == hash : read(object).filter(json::equals).isPresent()) {
            written.put(object, hash);
            return false;
        }
        put(object, content);
        written.put(object, hash);
        told(object, json);
        return true;
    }

    /** The same in the middle of a pass, after which nobody would tell of it soon. */
    public void writeMeanwhile(ObjectRef object, String json) throws NodeException {
        Listener who = listener;
        if (write(object, json) && who != null) {
            who.meanwhile(object);
        }
    }

    /** Writes the status of an object that has none yet or whose file was lost, without looking. */
    public void writeAnew(ObjectRef object, String json) throws NodeException {
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        put(object, content);
        written.put(object, Arrays.hashCode(content));
        told(object, json);
    }

    private void put(ObjectRef object, byte[] content) throws NodeException {
        put(path(object), object, content);
    }

    private void put(String path, ObjectRef object, byte[] content) throws NodeException {
        if (!writable) {
            throw new IllegalStateException("the store is open for reading only");
        }
        int slash = path.lastIndexOf('/') + 1;
        String unfinished = path.substring(0, slash) + StoreLayout.UNFINISHED + path.substring(slash);
        try {
            files.write(unfinished, content, false);
            files.rename(unfinished, path, 0);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "writing the status of " + object, layout.absolute(path));
        }
    }

    /** What the last move of a sliver to another base decided, as JSON text; empty when it was never moved. */
    public Optional<String> readRebaseReport(SliverId id) throws NodeException {
        String path = layout.rebaseReport(id);
        try {
            return Optional.of(new String(files.read(path, REPORT_LIMIT), StandardCharsets.UTF_8));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.EFBIG, Errno.EINVAL, Errno.EISDIR, Errno.ELOOP)) {
                return Optional.empty();
            }
            throw StoreFault.of(e, "reading the rebase report of sliver " + id, layout.absolute(path));
        }
    }

    /** Forgets the status of an object that is gone. A sliver's goes with its directory. */
    public void forget(ObjectRef object) throws NodeException {
        written.remove(object);
        if (object.kind() != ObjectRef.Kind.Sliver) {
            try {
                files.remove(path(object));
            } catch (LinuxException e) {
                throw StoreFault.of(e, "removing the status of " + object, layout.absolute(path(object)));
            }
        }
    }

    /**
     * Keeps what is to be told of a sliver that is declared and not there: it has no directory that a status could lie in.
     *
     * @param json the whole object, with its status
     */
    public void writeAbsent(SliverId id, String json) throws NodeException {
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        Integer before = absent.put(id, Arrays.hashCode(content));
        if (before == null || before != Arrays.hashCode(content)) {
            put(absentPath(id), ObjectRef.of(id), content);
        }
        Listener who = listener;
        if (who != null) {
            who.writtenAbsent(id, json);
        }
    }

    /** Forgets what {@link #writeAbsent} kept of all slivers but these. */
    public void retainAbsent(Set<SliverId> ids) throws NodeException {
        for (String name : absentNames()) {
            SliverId id = absentId(name);
            if (id != null && !ids.contains(id)) {
                try {
                    files.remove(StoreLayout.STATUS + "/" + name);
                } catch (LinuxException e) {
                    throw StoreFault.of(e, "removing a status", layout.absolute(StoreLayout.STATUS + "/" + name));
                }
            }
        }
        absent.keySet().retainAll(ids);
        absentKnown = !ids.isEmpty();
    }

    /** What {@link #writeAbsent} keeps. */
    public List<String> absent() throws NodeException {
        List<String> objects = new ArrayList<>();
        for (String name : absentNames()) {
            try {
                objects.add(new String(files.read(StoreLayout.STATUS + "/" + name, LIMIT), StandardCharsets.UTF_8));
            } catch (LinuxException e) {
                if (!e.is(Errno.ENOENT)) {
                    throw StoreFault.of(e, "reading a status", layout.absolute(StoreLayout.STATUS + "/" + name));
                }
            }
        }
        return objects;
    }

    /** Names of BaseImages that have a status. */
    public List<String> images() throws NodeException {
        List<String> names = new ArrayList<>();
        for (String name : list()) {
            if (name.startsWith(IMAGE_PREFIX) && name.endsWith(SUFFIX)) {
                names.add(name.substring(IMAGE_PREFIX.length(), name.length() - SUFFIX.length()));
            }
        }
        return names;
    }

    private List<String> absentNames() throws NodeException {
        if (writable && !absentKnown) {
            return List.of();
        }
        return list().stream().filter(name -> name.startsWith(ABSENT_PREFIX)).toList();
    }

    private List<String> list() throws NodeException {
        try {
            return files.list(StoreLayout.STATUS);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "listing the statuses", layout.absolute(StoreLayout.STATUS));
        }
    }

    private static String absentPath(SliverId id) {
        return StoreLayout.STATUS + "/" + ABSENT_PREFIX + id.namespace() + "." + id.name() + SUFFIX;
    }

    private static @Nullable SliverId absentId(String name) {
        String[] parts = name.split("\\.", -1);
        return parts.length == 4 && name.endsWith(SUFFIX) ? new SliverId(parts[1], parts[2]) : null;
    }

    private String path(ObjectRef object) {
        return object.kind() == ObjectRef.Kind.Sliver
                ? layout.sliverStatus(SliverId.parse(object.name()))
                : layout.status(object.kind(), object.name());
    }
}
