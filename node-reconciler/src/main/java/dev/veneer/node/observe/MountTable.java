package dev.veneer.node.observe;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.MountEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The mount table of one mount namespace at one moment, with the questions that are asked of it. Immutable. 5,000 mounts
 * are read and parsed in a few milliseconds; the look-ups are by hash.
 */
public final class MountTable {
    private final List<MountEntry> entries;
    private final Map<String, List<MountEntry>> byTarget;

    /**
     * Where a file lies, as mount tables tell it.
     *
     * @param device {@code major:minor} of the file system
     * @param root the path inside the file system; what a bind mount of it shows as its root
     */
    public record Place(String device, String root) {}

    private MountTable(List<MountEntry> entries) {
        this.entries = List.copyOf(entries);
        this.byTarget = new HashMap<>(entries.size() * 2);
        for (MountEntry entry : this.entries) {
            byTarget.computeIfAbsent(entry.target(), target -> new ArrayList<>(1))
                    .add(entry);
        }
    }

    /** The table of this process. */
    public static MountTable read(LinuxCalls calls) throws LinuxException {
        try (MountTableReader reader = new MountTableReader(calls)) {
            return reader.read();
        }
    }

    /** The table of another process; {@code ENOENT} or {@code ESRCH} or {@code EINVAL} when it is gone. */
    public static MountTable read(LinuxCalls calls, int pid) throws LinuxException {
        try (MountTableReader reader = new MountTableReader(calls, "/proc/" + pid + "/mountinfo")) {
            return reader.read();
        }
    }

    /** Parses the content of a {@code mountinfo} file. */
    public static MountTable parse(byte[] text, int length) {
        return new MountTable(new MountInfoParser(text, length).parse());
    }

    /** All entries, in the kernel's order. */
    public List<MountEntry> entries() {
        return entries;
    }

    /** All mounts at exactly this path, the lowest first; also those that cannot be seen. */
    public List<MountEntry> at(String target) {
        List<MountEntry> found = byTarget.get(target);
        if (found == null || found.size() == 1) {
            return found == null ? List.of() : List.copyOf(found);
        }
        // Not in the table's order: a mount may have been slid in beneath. A mount's parent is what it stands on.
        Map<Integer, List<MountEntry>> standingOn = new HashMap<>();
        Set<Integer> ids = new HashSet<>();
        for (MountEntry entry : found) {
            ids.add(entry.id());
            standingOn
                    .computeIfAbsent(entry.parent(), parent -> new ArrayList<>(1))
                    .add(entry);
        }
        List<MountEntry> stacked = new ArrayList<>(found.size());
        for (MountEntry entry : found) {
            if (!ids.contains(entry.parent()) || entry.parent() == entry.id()) {
                stacked.add(entry);
            }
        }
        for (int i = 0; i < stacked.size(); i++) {
            int id = stacked.get(i).id();
            for (MountEntry upon : standingOn.getOrDefault(id, List.of())) {
                if (upon.id() != id) {
                    stacked.add(upon);
                }
            }
        }
        return stacked;
    }

    /** The topmost mount at exactly this path, visible or hidden by a mount over a directory above; or null. */
    public @Nullable MountEntry topmost(String target) {
        List<MountEntry> stacked = at(target);
        return stacked.isEmpty() ? null : stacked.get(stacked.size() - 1);
    }

    /** Whether whoever opens the mount's path from the root reaches this mount. */
    public boolean isVisible(MountEntry entry) {
        MountEntry top = topmost(entry.target());
        return top != null && top.id() == entry.id() && hiding(entry) == null;
    }

    /** The mount over a directory above that hides this one, or null. */
    public @Nullable MountEntry hiding(MountEntry entry) {
        String path = entry.target();
        while (path.length() > 1) {
            path = path.substring(0, Math.max(path.lastIndexOf('/'), 1));
            for (MountEntry above : byTarget.getOrDefault(path, List.of())) {
                if (above.parent() == entry.parent() && above.id() != entry.id()) {
                    return above;
                }
            }
        }
        MountEntry parent = byId(entry);
        return parent == null ? null : hiding(parent);
    }

    /** The parent of an entry: the mount of that identity at the nearest directory above, or at the same path. */
    private @Nullable MountEntry byId(MountEntry child) {
        String path = child.target();
        while (true) {
            for (MountEntry candidate : byTarget.getOrDefault(path, List.of())) {
                if (candidate.id() == child.parent() && candidate.id() != child.id()) {
                    return candidate;
                }
            }
            if (path.length() <= 1) {
                return null;
            }
            path = path.substring(0, Math.max(path.lastIndexOf('/'), 1));
        }
    }

    /** Mounts of this type whose source is this label. */
    public List<MountEntry> labelled(String fsType, String label) {
        List<MountEntry> found = new ArrayList<>();
        for (MountEntry entry : entries) {
            if (entry.source().equals(label) && entry.fsType().equals(fsType)) {
                found.add(entry);
            }
        }
        return found;
    }

    /** Mounts that show exactly this place: bind mounts of it, or the file system itself. */
    public List<MountEntry> showing(Place place) {
        List<MountEntry> found = new ArrayList<>();
        for (MountEntry entry : entries) {
            if (entry.root().equals(place.root()) && entry.device().equals(place.device())) {
                found.add(entry);
            }
        }
        return found;
    }

    /** Mounts strictly below a path. */
    public List<MountEntry> below(String target) {
        String prefix = target.endsWith("/") ? target : target + "/";
        List<MountEntry> found = new ArrayList<>();
        for (MountEntry entry : entries) {
            if (entry.target().startsWith(prefix) && entry.target().length() > prefix.length()) {
                found.add(entry);
            }
        }
        return found;
    }

    /**
     * Where an absolute path without links lies: the visible mount with the longest matching target. Null only in a table
     * without a root.
     */
    public @Nullable Place place(String path) {
        String prefix = path;
        while (true) {
            MountEntry entry = topmost(prefix);
            if (entry != null && hiding(entry) == null) {
                return inside(entry, path);
            }
            if (prefix.length() <= 1) {
                return null;
            }
            prefix = prefix.substring(0, Math.max(prefix.lastIndexOf('/'), 1));
        }
    }

    /** The place of a path that is known to lie in this mount, at or below its target. */
    public static Place inside(MountEntry entry, String path) {
        String rest = entry.target().equals("/")
                ? path
                : path.substring(entry.target().length());
        String root = entry.root().equals("/") ? "" : entry.root();
        String joined = root + (rest.equals("/") ? "" : rest);
        return new Place(entry.device(), joined.isEmpty() ? "/" : joined);
    }
}
