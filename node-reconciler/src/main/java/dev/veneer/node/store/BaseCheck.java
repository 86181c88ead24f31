package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.tree.ManifestReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** The part of a check that looks at the bases, their manifests and, when asked, their contents. */
final class BaseCheck {
    private static final Set<String> NAMES =
            Set.of(StoreLayout.META, StoreLayout.MANIFEST, BaseForm.DIR.fileName(), BaseForm.SUBVOL.fileName());

    private final StoreFiles files;
    private final StoreLayout layout;
    private final CheckReport report;

    BaseCheck(StoreFiles files, StoreLayout layout, CheckReport report) {
        this.files = files;
        this.layout = layout;
        this.report = report;
    }

    void run(StoreView view, boolean contents, BiConsumer<Digest, Integer> progress)
            throws LinuxException, NodeException {
        List<Digest> sound = new ArrayList<>();
        for (String hex : files.list(StoreLayout.BASES)) {
            Digest digest = digest(hex);
            if (digest == null) {
                report.foreign(StoreLayout.BASES + "/" + hex);
            } else if (check(digest, view)) {
                sound.add(digest);
            }
        }
        Set<Digest> needed = new HashSet<>();
        for (StoredSliver stored : view.slivers().values()) {
            needed.add(stored.record().baseDigest());
        }
        for (ImageRecord image : view.images().values()) {
            Digest digest = image.digest();
            // One that no sliver needs was collected, and is imported again when a sliver needs it.
            if (digest != null && needed.contains(digest) && !files.exists(layout.base(digest))) {
                report.add(
                        Finding.Kind.BaseMissing,
                        ObjectRef.image(image.name()),
                        layout.base(digest),
                        "BaseImage " + image.name() + " was imported as this base, which is lost",
                        "apply: it is imported again, and refused if its source now has other content");
            }
        }
        if (contents) {
            BaseContents reader = new BaseContents(files, layout, report);
            for (Digest digest : sound) {
                progress.accept(digest, sound.size());
                reader.check(digest);
            }
        }
    }

    private static @org.jspecify.annotations.Nullable Digest digest(String hex) {
        try {
            return new Digest(hex);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Whether its tree can be compared with its manifest. */
    private boolean check(Digest digest, StoreView view) throws LinuxException, NodeException {
        String directory = layout.base(digest);
        ObjectRef object = ObjectRef.base(digest);
        Statx stat = new Statx();
        if (!files.stat(directory, stat) || !stat.isDirectory()) {
            report.foreign(directory);
            return false;
        }
        StoreCheck.checkMode(files, report, directory, StoreLayout.PRIVATE);
        boolean hasForm = false;
        for (String name : files.list(directory)) {
            if (StagedForm.batchOf(name).isPresent()) {
                report.add(
                        Finding.Kind.TrashWaiting,
                        object,
                        directory + "/" + name,
                        "a form of the base that an interrupted run had begun to make",
                        "nothing: the next `veneer apply` or the agent removes it");
            } else if (name.startsWith(StoreLayout.UNFINISHED)) {
                StoreCheck.unfinished(report, directory + "/" + name);
            } else if (!NAMES.contains(name)) {
                report.foreign(directory + "/" + name);
            }
            hasForm |= name.equals(BaseForm.DIR.fileName()) || name.equals(BaseForm.SUBVOL.fileName());
        }
        if (!hasForm) {
            report.add(
                    Finding.Kind.BaseTreeMissing,
                    object,
                    directory,
                    "the base has no tree in any form",
                    "move the directory out of the store and apply: its BaseImage is imported again");
        }
        if (!view.bases().containsKey(digest)) {
            report.add(
                    Finding.Kind.BaseRecordMissing,
                    object,
                    directory + "/" + StoreLayout.META,
                    "the base's record is lost or damaged, so the base is not used",
                    "`veneer store check --repair` makes it anew from the manifest");
        }
        return checkManifest(digest, directory, object) && hasForm;
    }

    private boolean checkManifest(Digest digest, String directory, ObjectRef object)
            throws LinuxException, NodeException {
        String path = directory + "/" + StoreLayout.MANIFEST;
        String remedy = "move the directory out of the store and apply: its BaseImage is imported again";
        int fd = files.openDirectory(directory);
        try (ManifestReader manifest = ManifestReader.open(files.calls(), fd, StoreFiles.name(StoreLayout.MANIFEST))) {
            manifest.verify();
            Digest found = manifest.summary().digest();
            if (!found.equals(digest)) {
                report.add(
                        Finding.Kind.ManifestDamaged,
                        object,
                        path,
                        "it is the manifest of another base, " + found,
                        remedy);
                return false;
            }
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                report.add(
                        Finding.Kind.ManifestMissing,
                        object,
                        path,
                        "the base's manifest is lost: what its tree should be is not known any more",
                        remedy);
                return false;
            }
            if (e.is(Errno.EISDIR, Errno.ELOOP, Errno.EINVAL)) {
                report.add(Finding.Kind.ManifestDamaged, object, path, "no regular file", remedy);
                return false;
            }
            throw e;
        } catch (NodeException e) {
            report.add(Finding.Kind.ManifestDamaged, object, path, String.valueOf(e.getMessage()), remedy);
            return false;
        } finally {
            files.calls().close(fd);
        }
    }
}
