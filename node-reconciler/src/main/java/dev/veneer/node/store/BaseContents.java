package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.ScratchFile;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreeManifest;
import dev.veneer.node.tree.TreePath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the trees of bases and compares them with their manifests, path by path. A store that is read-only
 * is read all the same.
 */
final class BaseContents {
    private static final int TOLD = 5;

    private final StoreFiles files;
    private final StoreLayout layout;
    private final CheckReport report;

    BaseContents(StoreFiles files, StoreLayout layout, CheckReport report) {
        this.files = files;
        this.layout = layout;
        this.report = report;
    }

    void check(Digest digest) throws LinuxException, NodeException {
        for (BaseForm form : BaseForm.values()) {
            if (files.exists(layout.form(digest, form))) {
                check(digest, form);
            }
        }
    }

    private void check(Digest digest, BaseForm form) throws LinuxException, NodeException {
        LinuxCalls calls = files.calls();
        String path = layout.form(digest, form);
        try (Fd scratch = new Fd(calls, scratch(calls));
                Fd tree = new Fd(calls, files.openDirectory(path));
                Fd base = new Fd(calls, files.openDirectory(layout.base(digest)));
                ScratchFile output = ScratchFile.open(calls, scratch.number())) {
            Digest found = new TreeManifest(calls, TreeLimits.DEFAULT)
                    .write(tree.number(), output.number(), scratch.number())
                    .digest();
            if (!found.equals(digest)) {
                tell(digest, path, base.number(), output);
            }
        }
    }

    /** The store's own; or the system's, where that is missing, which is damage of its own that the check tells. */
    private int scratch(LinuxCalls calls) throws LinuxException {
        if (files.exists(StoreLayout.SCRATCH)) {
            return files.openDirectory(StoreLayout.SCRATCH);
        }
        byte[] temporary = PathBytes.of(System.getProperty("java.io.tmpdir", "/tmp"));
        return calls.openat2(Abi.AT_FDCWD, temporary, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
    }

    private void tell(Digest digest, String path, int base, ScratchFile manifest) throws LinuxException, NodeException {
        List<String> differing = new ArrayList<>();
        long count = 0;
        try (ManifestReader expected = ManifestReader.open(files.calls(), base, StoreFiles.name(StoreLayout.MANIFEST));
                ManifestReader found = ManifestReader.open(files.calls(), manifest)) {
            ManifestReader.Cursor left = expected.entries();
            ManifestReader.Cursor right = found.entries();
            ManifestEntry a = left.next();
            ManifestEntry b = right.next();
            while (a != null || b != null) {
                int order = order(a, b);
                if (order != 0 || !java.util.Objects.equals(a, b)) {
                    count++;
                    if (differing.size() < TOLD) {
                        differing.add(describe(order < 0 ? a : b, order));
                    }
                }
                a = order <= 0 ? left.next() : a;
                b = order >= 0 ? right.next() : b;
            }
        }
        report.add(
                Finding.Kind.TreeDiffers,
                ObjectRef.base(digest),
                path,
                count + " paths are not what was imported: " + String.join(", ", differing)
                        + (count > differing.size() ? ", …" : ""),
                "stop using it: move the base's directory out of the store while nothing mounts it, and apply; its"
                        + " BaseImage is imported again");
    }

    private static int order(@Nullable ManifestEntry a, @Nullable ManifestEntry b) {
        if (a == null || b == null) {
            return a == null ? 1 : -1;
        }
        return TreePath.compare(a.path().array(), b.path().array());
    }

    private static String describe(@Nullable ManifestEntry entry, int order) {
        String shown = entry == null ? "" : "/" + TreePath.show(entry.path().array());
        return shown + (order < 0 ? " (missing)" : order > 0 ? " (added)" : " (changed)");
    }
}
