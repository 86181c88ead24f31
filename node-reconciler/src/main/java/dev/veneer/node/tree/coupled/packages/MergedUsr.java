package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.MergeTree;
import java.util.ArrayList;
import java.util.List;

/** The directories of one tree that are links into {@code usr}: packages still list files by the old names. */
final class MergedUsr {
    private static final List<Bytes> DIRECTORIES = List.of(
            Bytes.utf8("bin"),
            Bytes.utf8("sbin"),
            Bytes.utf8("lib"),
            Bytes.utf8("lib32"),
            Bytes.utf8("lib64"),
            Bytes.utf8("libo32"),
            Bytes.utf8("libx32"));
    private static final Bytes USR = Bytes.utf8("usr/");

    /** Each with a slash behind it. */
    private final List<String> links = new ArrayList<>();

    MergedUsr(MergeTree tree) throws LinuxException, NodeException {
        for (Bytes name : DIRECTORIES) {
            Identity link = tree.find(name);
            Bytes target = Octets.concat(USR, name);
            boolean merged = link != null
                    && link.type() == FileType.SYMLINK
                    && (link.target().equals(target) || link.target().equals(Octets.concat(Octets.of("/"), target)));
            if (merged) {
                links.add(Octets.ascii(name) + "/");
            }
        }
    }

    /** Where a listed path really is when its first component is such a link; the link itself stays. */
    Bytes real(Bytes path) {
        for (String link : links) {
            if (path.startsWith(link)) {
                return Octets.concat(USR, path);
            }
        }
        return path;
    }

    /** Whether such a path may lie below {@code usr} too. */
    static boolean isOld(Bytes path) {
        return DIRECTORIES.contains(OwnedPath.first(path));
    }
}
