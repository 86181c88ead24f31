package dev.veneer.node.tree.coupled;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.PathPattern;
import dev.veneer.node.tree.coupled.BuiltInRule.Kind;
import dev.veneer.node.tree.merge.Side;
import java.util.List;
import java.util.Optional;

/**
 * Paths at which a conflict is none: derived, cached and logged files, backups, locks. They are asked where paths are
 * decided one by one and both sides changed one; the rules of the sliver come before them.
 */
public final class BuiltInRules {
    private static final List<BuiltInRule> ALL = List.of(
            derived("etc/ld.so.cache", "index of the shared libraries", "ldconfig"),
            derived("var/cache/ldconfig/aux-cache", "index of the shared libraries", "ldconfig"),
            derived("var/cache/man/**", "index of the manual pages", "mandb", "--quiet"),
            derived("usr/share/info/dir", "index of the info pages", "update-info-dir"),
            derived("var/lib/systemd/catalog/database", "journal messages", "journalctl", "--update-catalog"),
            derived("etc/udev/hwdb.bin", "hardware database", "systemd-hwdb", "update"),
            derived("usr/lib/udev/hwdb.bin", "hardware database", "systemd-hwdb", "--usr", "update"),
            derived("usr/lib/locale/locale-archive", "compiled locales", "locale-gen"),
            derived("etc/ssl/certs/ca-certificates.crt", "the certificates in one file", "update-ca-certificates"),
            derived("etc/ssl/certs/java/cacerts", "the certificates in one file", "update-ca-certificates", "--fresh"),
            derived(
                    "usr/share/glib-2.0/schemas/gschemas.compiled",
                    "compiled settings",
                    "glib-compile-schemas",
                    "/usr/share/glib-2.0/schemas"),
            derived("usr/share/mime/**", "types of files", "update-mime-database", "/usr/share/mime"),
            derived("usr/share/applications/mimeinfo.cache", "programs by type of file", "update-desktop-database"),
            derived("var/cache/fontconfig/**", "index of the fonts", "fc-cache"),
            derived("**/icon-theme.cache", "index of icons"),
            derived("lib/modules/*/modules.*", "index of kernel modules", "depmod", "--all"),
            derived("usr/lib/modules/*/modules.*", "index of kernel modules", "depmod", "--all"),
            derived("**/__pycache__/**", "compiled Python, made anew when the source is newer"),
            rule("var/cache/**", Kind.CACHE, Side.SLIVER, "caches are filled again"),
            rule("root/.cache/**", Kind.CACHE, Side.SLIVER, "caches are filled again"),
            rule("var/lib/apt/lists/**", Kind.CACHE, Side.SLIVER, "lists of packages are fetched again"),
            rule("var/lib/apt/periodic/**", Kind.CACHE, Side.SLIVER, "times of apt's last runs"),
            rule("var/lib/dpkg/available*", Kind.CACHE, Side.SLIVER, "is fetched again, and hardly used"),
            rule("var/lib/command-not-found/**", Kind.CACHE, Side.SLIVER, "is made from the lists of packages"),
            rule("var/log/**", Kind.LOG, Side.SLIVER, "tells what happened in the sliver"),
            rule("var/lib/systemd/random-seed", Kind.IDENTITY, Side.SLIVER, "randomness of its own"),
            rule("etc/machine-id", Kind.IDENTITY, Side.SLIVER, "the sliver stays the one it is"),
            rule("var/lib/dbus/machine-id", Kind.IDENTITY, Side.SLIVER, "the sliver stays the one it is"),
            rule("etc/ssh/ssh_host_*", Kind.IDENTITY, Side.SLIVER, "the sliver stays the one it is"),
            rule("etc/passwd-", Kind.BACKUP, Side.SLIVER, "the user database before its last change"),
            rule("etc/shadow-", Kind.BACKUP, Side.SLIVER, "the user database before its last change"),
            rule("etc/group-", Kind.BACKUP, Side.SLIVER, "the user database before its last change"),
            rule("etc/gshadow-", Kind.BACKUP, Side.SLIVER, "the user database before its last change"),
            rule("etc/subuid-", Kind.BACKUP, Side.SLIVER, "subordinate ids before their last change"),
            rule("etc/subgid-", Kind.BACKUP, Side.SLIVER, "subordinate ids before their last change"),
            rule("var/lib/dpkg/status-old", Kind.BACKUP, Side.SLIVER, "dpkg's database before its last change"),
            rule("var/lib/dpkg/diversions-old", Kind.BACKUP, Side.SLIVER, "dpkg's database before its last change"),
            rule("var/lib/dpkg/statoverride-old", Kind.BACKUP, Side.SLIVER, "dpkg's database before its last change"),
            rule("var/cache/debconf/*-old", Kind.BACKUP, Side.SLIVER, "debconf's database before its last change"),
            rule("var/backups/**", Kind.BACKUP, Side.SLIVER, "daily copies of databases"),
            rule("**/*.dpkg-old", Kind.BACKUP, Side.SLIVER, "what a package replaced"),
            rule("**/*.dpkg-bak", Kind.BACKUP, Side.SLIVER, "what a package replaced"),
            rule("**/*.ucf-old", Kind.BACKUP, Side.SLIVER, "what a package replaced"),
            rule("etc/.pwd.lock", Kind.TRANSIENT, Side.SLIVER, "a lock"),
            rule("var/lib/dpkg/lock*", Kind.TRANSIENT, Side.SLIVER, "a lock"),
            rule("var/lib/dpkg/triggers/Lock", Kind.TRANSIENT, Side.SLIVER, "a lock"),
            rule("var/lib/rpm/.rpm.lock", Kind.TRANSIENT, Side.SLIVER, "a lock"),
            rule("var/lib/rpm/__db.*", Kind.TRANSIENT, Side.SLIVER, "shared memory of a program"),
            rule("lib/apk/db/lock", Kind.TRANSIENT, Side.SLIVER, "a lock"),
            rule("usr/lib/apk/db/lock", Kind.TRANSIENT, Side.SLIVER, "a lock"),
            rule("run/**", Kind.TRANSIENT, Side.SLIVER, "does not outlive a start"),
            rule("tmp/**", Kind.TRANSIENT, Side.SLIVER, "temporary files"),
            rule("var/tmp/**", Kind.TRANSIENT, Side.SLIVER, "temporary files"));

    private static final List<PathPattern> PATTERNS =
            ALL.stream().map(rule -> pattern(rule)).toList();

    private BuiltInRules() {}

    /** A rule's pattern, read: always of the whole path. */
    static PathPattern pattern(BuiltInRule rule) {
        return PathPattern.parse("/" + rule.pattern());
    }

    private static BuiltInRule derived(String pattern, String reason, String... rerun) {
        return new BuiltInRule(pattern, Kind.DERIVED, Side.SLIVER, List.of(rerun), reason);
    }

    private static BuiltInRule rule(String pattern, Kind kind, Side keeps, String reason) {
        return new BuiltInRule(pattern, kind, keeps, List.of(), reason);
    }

    /** All, in the order in which they are asked. */
    public static List<BuiltInRule> all() {
        return ALL;
    }

    /** The first that means the path. */
    public static Optional<BuiltInRule> of(Bytes path) {
        for (int i = 0; i < ALL.size(); i++) {
            if (PATTERNS.get(i).matches(path.array())) {
                return Optional.of(ALL.get(i));
            }
        }
        return Optional.empty();
    }
}
