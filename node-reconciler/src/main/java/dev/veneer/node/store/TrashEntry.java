package dev.veneer.node.store;

import dev.veneer.node.model.SliverId;
import org.jspecify.annotations.Nullable;

/**
 * Something of ours that nothing refers to any more and that only waits for its removal: thrown away, or left in staging
 * by work that was interrupted.
 *
 * @param kind what it is
 * @param path relative to the store
 * @param sliver whose it was; null for bases
 * @param revision its number, for {@link Kind#REVISION}
 * @param driver the driver that made it, or the one that the sliver had; empty when unknown
 */
public record TrashEntry(Kind kind, String path, @Nullable SliverId sliver, int revision, String driver) {
    /** What lies in the trash. */
    public enum Kind {
        SLIVER,
        REVISION,
        BASE,
        FORM
    }

    /** {@code KIND.DRIVER.NAMESPACE.NAME[.…]}: none of the parts can have a dot of its own. */
    static String nameOf(SliverId id, String driver) {
        return "sliver." + driver + "." + id.namespace() + "." + id.name();
    }

    static String nameOf(SliverId id, int revision, String driver) {
        return "revision." + driver + "." + id.namespace() + "." + id.name() + "." + revision;
    }

    /** Reads a name in the trash or in a batch's staging directory; null when it is not one of ours. */
    static @Nullable TrashEntry parse(String path) {
        String[] part = path.substring(path.lastIndexOf('/') + 1).split("\\.", -1);
        try {
            if (part[0].equals("base") && part.length >= 2) {
                return new TrashEntry(Kind.BASE, path, null, 0, "");
            }
            if (part[0].equals("sliver") && part.length >= 4) {
                return new TrashEntry(Kind.SLIVER, path, new SliverId(part[2], part[3]), 0, part[1]);
            }
            if (part[0].equals("revision") && part.length >= 5) {
                return new TrashEntry(
                        Kind.REVISION, path, new SliverId(part[2], part[3]), Integer.parseInt(part[4]), part[1]);
            }
        } catch (NumberFormatException e) {
            return null;
        }
        return null;
    }
}
