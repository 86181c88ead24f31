package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Paths that are never a package's file, whatever a list of files says: other mergers decide them. */
final class SharedState {
    private static final List<String> BELOW = List.of(
            "var/lib/dpkg/",
            "var/lib/apt/",
            "var/cache/",
            "etc/alternatives/",
            "lib/apk/db/",
            "usr/lib/apk/db/",
            "usr/lib/opkg/",
            "var/lib/opkg/",
            "var/lib/rpm/",
            "usr/lib/sysimage/rpm/",
            "var/lib/veneer/");

    private static final Set<Bytes> FILES = Stream.of(
                    "etc/passwd",
                    "etc/shadow",
                    "etc/group",
                    "etc/gshadow",
                    "etc/subuid",
                    "etc/subgid",
                    "etc/shells",
                    "etc/ld.so.cache",
                    "etc/apk/world")
            .map(Bytes::utf8)
            .collect(Collectors.toUnmodifiableSet());

    private SharedState() {}

    static boolean contains(Bytes path) {
        return FILES.contains(path) || BELOW.stream().anyMatch(path::startsWith);
    }
}
