package dev.veneer.node.execute;

import dev.veneer.node.model.MountEntry;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.observe.MountTable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes given mounts in any namespace's table: overlays by the label that they carry, with or without an id range;
 * bind mounts by the directory of the file system that they show, or one below it.
 */
final class Recognition {
    private final Map<String, RootfsMount> byLabel = new HashMap<>();
    private final Map<MountTable.Place, RootfsMount> byPlace = new HashMap<>();

    /**
     * Prepares for these mounts.
     *
     * @param here the table of this namespace, in which the paths of the mounts are to be understood
     */
    Recognition(Iterable<RootfsMount> mounts, MountTable here) {
        for (RootfsMount mount : mounts) {
            if (mount.spec() instanceof MountSpec.Bind bind) {
                MountTable.Place place = here.place(bind.directory());
                if (place != null) {
                    byPlace.put(place, mount);
                }
            } else {
                byLabel.put(plain(mount.label()), mount);
            }
        }
    }

    /** The label without its id range. */
    private static String plain(String label) {
        int plus = label.lastIndexOf('+');
        return plus > label.lastIndexOf('@') ? label.substring(0, plus) : label;
    }

    /** The mount that this line of a table is, or null. */
    @Nullable
    RootfsMount of(MountEntry entry) {
        if (entry.fsType().equals("overlay")) {
            return entry.source().startsWith("veneer:") ? byLabel.get(plain(entry.source())) : null;
        }
        return byPlace.isEmpty() ? null : at(new MountTable.Place(entry.device(), entry.root()));
    }

    /** Like {@link #of}, but not for what shows only a part of it. */
    boolean isWhole(MountEntry entry) {
        boolean overlay = entry.fsType().equals("overlay");
        return overlay ? of(entry) != null : byPlace.containsKey(new MountTable.Place(entry.device(), entry.root()));
    }

    /** The mount whose directory is at or above a place, or null. */
    @Nullable
    RootfsMount at(MountTable.Place place) {
        String root = place.root();
        while (true) {
            RootfsMount found = byPlace.get(new MountTable.Place(place.device(), root));
            int slash = root.lastIndexOf('/');
            if (found != null || slash < 0 || root.length() == 1) {
                return found;
            }
            root = root.substring(0, Math.max(slash, 1));
        }
    }
}
