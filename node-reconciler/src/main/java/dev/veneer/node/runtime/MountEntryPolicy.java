package dev.veneer.node.runtime;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges the value of {@code lxc.mount.entry}, which has the form of a line of {@code /etc/fstab}: a tmpfs of the
 * container's own, or a bind mount from below a path that the NodeStore names. Pure.
 */
final class MountEntryPolicy {
    private static final Set<String> PLAIN_OPTIONS = Set.of(
            "bind", "rbind", "ro", "rw", "nosuid", "nodev", "noexec", "relatime", "noatime", "optional", "create=dir");
    private static final Pattern TMPFS_OPTION =
            Pattern.compile("size=[0-9]{1,12}[kKmMgG%]?|mode=[0-7]{3,4}|nr_inodes=[0-9]{1,9}[kKmMgG]?");
    private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9_@%+=:,. -]+");

    private MountEntryPolicy() {}

    static @Nullable String problem(String value, List<String> hostPaths) {
        String[] fields = value.split(" +", -1);
        if (fields.length < 4 || fields.length > 6) {
            return "a mount is SOURCE TARGET TYPE OPTIONS [0 0]";
        }
        for (int i = 4; i < fields.length; i++) {
            if (!fields[i].equals("0")) {
                return "the last two fields must be 0";
            }
        }
        String source = fields[0];
        String target = fields[1];
        String type = fields[2];
        // A backslash starts an octal escape, which could spell a dot or a slash.
        if (value.indexOf('\\') >= 0) {
            return "escapes are not allowed";
        }
        if (target.startsWith("/") || !isCleanPath(target)) {
            return "the target must be a path relative to the rootfs, without . and ..";
        }
        boolean tmpfs = type.equals("tmpfs") && (source.equals("tmpfs") || source.equals("none"));
        boolean bind = type.equals("none") && source.startsWith("/");
        if (!tmpfs && !bind) {
            return "only 'tmpfs TARGET tmpfs …' and '/HOST/PATH TARGET none bind,…' are possible";
        }
        for (String option : fields[3].split(",", -1)) {
            boolean known = PLAIN_OPTIONS.contains(option)
                    || (tmpfs && TMPFS_OPTION.matcher(option).matches())
                    || (bind && option.equals("create=file"));
            if (!known || (tmpfs && option.endsWith("bind"))) {
                return "the option " + ConfigPolicy.quote(option) + " is not allowed";
            }
        }
        if (!bind) {
            return null;
        }
        List<String> options = List.of(fields[3].split(",", -1));
        if (!options.contains("bind") && !options.contains("rbind")) {
            return "a host path needs the option bind";
        }
        if (!isCleanPath(source.substring(1))) {
            return "the source must be a path without . and ..";
        }
        return allowing(source, hostPaths).isEmpty()
                ? "the host path is not below one of the NodeStore's allow.hostPaths"
                : null;
    }

    /** Those of the allowed paths that the source is or is below, without a slash at the end. */
    static List<String> allowing(String source, List<String> hostPaths) {
        return hostPaths.stream()
                .map(allowed -> allowed.endsWith("/") ? allowed.substring(0, allowed.length() - 1) : allowed)
                .filter(prefix -> source.equals(prefix) || source.startsWith(prefix + "/"))
                .toList();
    }

    private static boolean isCleanPath(String path) {
        for (String component : path.split("/", -1)) {
            if (component.equals(".")
                    || component.equals("..")
                    || !COMPONENT.matcher(component).matches()) {
                return false;
            }
        }
        return true;
    }
}
