package dev.veneer.node.store;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The part of a check that looks at the slivers, and at what their records say of each other. */
final class SliverCheck {
    private static final Set<String> FILES =
            Set.of(StoreLayout.RECORD, StoreLayout.SLIVER_STATUS, StoreLayout.REBASE_REPORT, StoreLayout.REVISIONS);

    private final StoreFiles files;
    private final StoreLayout layout;
    private final CheckReport report;

    SliverCheck(StoreFiles files, StoreLayout layout, CheckReport report) {
        this.files = files;
        this.layout = layout;
        this.report = report;
    }

    void run(StoreView view) throws LinuxException {
        for (StoreProblem problem : view.problems()) {
            problem(problem);
        }
        checkDirectories();
        for (StoredSliver stored : view.slivers().values()) {
            checkRevisions(stored);
            checkBases(stored.record(), view);
        }
        checkIdRanges(view);
        checkRootfs(view);
    }

    private void problem(StoreProblem problem) throws LinuxException {
        String path = problem.path().substring(layout.root().length() + 1);
        ObjectRef object = problem.item();
        if (object != null && object.kind() == ObjectRef.Kind.Base) {
            return; // the bases' own check tells more
        }
        boolean there = files.exists(path);
        boolean isSliver = object != null && object.kind() == ObjectRef.Kind.Sliver;
        report.add(
                there ? Finding.Kind.RecordDamaged : Finding.Kind.RecordMissing,
                object,
                path,
                problem.message() + (isSliver ? "; the sliver's data are kept and nothing is done to them" : ""),
                isSliver
                        ? "the next `veneer apply` restores it where the index still has it; else put the file back"
                                + " from a backup, or move the sliver's directory out of the store and have it made"
                                + " anew"
                        : "remove the file; the next `veneer apply` writes it anew");
    }

    private void checkDirectories() throws LinuxException {
        Statx stat = new Statx();
        for (String namespace : files.list(StoreLayout.SLIVERS)) {
            String directory = layout.namespace(namespace);
            if (!files.stat(directory, stat) || !stat.isDirectory()) {
                report.foreign(directory);
                continue;
            }
            StoreCheck.checkMode(files, report, directory, StoreLayout.PRIVATE);
            for (String name : files.list(directory)) {
                checkDirectory(new SliverId(namespace, name));
            }
        }
    }

    private void checkDirectory(SliverId id) throws LinuxException {
        Statx stat = new Statx();
        String directory = layout.sliver(id);
        if (!files.stat(directory, stat) || !stat.isDirectory()) {
            return; // told as a missing record
        }
        StoreCheck.checkMode(files, report, directory, StoreLayout.PRIVATE);
        for (String name : files.list(directory)) {
            String path = directory + "/" + name;
            if (name.startsWith(StoreLayout.UNFINISHED)) {
                StoreCheck.unfinished(report, path);
            } else if (!FILES.contains(name)) {
                report.foreign(path);
            }
        }
        if (files.stat(layout.revisions(id), stat) && stat.isDirectory()) {
            StoreCheck.checkMode(files, report, layout.revisions(id), StoreLayout.PRIVATE);
            for (String name : files.list(layout.revisions(id))) {
                if (StoreScanner.revisionNumber(name) == 0) {
                    report.foreign(layout.revisions(id) + "/" + name);
                }
            }
        }
    }

    private void checkRevisions(StoredSliver stored) {
        SliverRecord record = stored.record();
        ObjectRef object = ObjectRef.of(record.id());
        if (!record.dataDeleted() && !stored.hasCurrentRevision()) {
            report.add(
                    Finding.Kind.RevisionMissing,
                    object,
                    layout.revision(record.id(), record.revision()),
                    "the sliver's current revision, with all that its owner changed, is lost",
                    "put it back from a backup, or raise the sliver's instanceSerial to start it again from its base");
        }
        for (KeptRevision kept : record.kept()) {
            if (!stored.revisions().contains(kept.revision())) {
                report.add(
                        Finding.Kind.RevisionMissing,
                        object,
                        layout.revision(record.id(), kept.revision()),
                        kept.why() + " is lost",
                        "nothing: the record forgets it when its time is over");
            }
        }
        for (int revision : stored.revisions()) {
            if (!RevisionUse.isNamed(record, revision)) {
                report.add(
                        Finding.Kind.RevisionUnnamed,
                        object,
                        layout.revision(record.id(), revision),
                        "the sliver's record does not name this revision: left over from an interrupted change",
                        "`veneer store check --repair` moves it to the trash");
            }
        }
    }

    private void checkBases(SliverRecord record, StoreView view) {
        if (!record.dataDeleted() && !view.bases().containsKey(record.baseDigest())) {
            report.add(
                    Finding.Kind.BaseMissing,
                    ObjectRef.of(record.id()),
                    layout.base(record.baseDigest()),
                    "sliver " + record.id() + " builds on this base, which is lost or unreadable",
                    "import the same content again: declare BaseImage " + record.baseName() + " and apply");
        }
    }

    private void checkIdRanges(StoreView view) {
        List<SliverRecord> mapped = new ArrayList<>();
        for (StoredSliver stored : view.slivers().values()) {
            if (stored.record().idRange() != null) {
                mapped.add(stored.record());
            }
        }
        mapped.sort(Comparator.comparingInt(SliverCheck::firstId));
        // Sorted by their first id, two ranges overlap only when neighbours do.
        for (int i = 1; i < mapped.size(); i++) {
            SliverRecord one = mapped.get(i - 1);
            SliverRecord other = mapped.get(i);
            IdRange a = one.idRange();
            IdRange b = other.idRange();
            if (a != null && b != null && a.overlaps(b)) {
                report.add(
                        Finding.Kind.IdRangesOverlap,
                        ObjectRef.of(other.id()),
                        layout.sliverRecord(other.id()),
                        "its id range " + b + " overlaps " + a + " of sliver " + one.id()
                                + ": the two are not kept apart from each other",
                        "stop both, delete idRange from one of the records, and apply: a new range is given to it");
            }
        }
    }

    private static int firstId(SliverRecord record) {
        IdRange range = record.idRange();
        return range == null ? 0 : range.first();
    }

    private void checkRootfs(StoreView view) {
        Map<String, SliverId> owners = new HashMap<>();
        for (StoredSliver stored : view.slivers().values()) {
            SliverRecord record = stored.record();
            SliverId other = owners.putIfAbsent(record.rootfs(), record.id());
            if (other != null) {
                report.add(
                        Finding.Kind.RootfsShared,
                        ObjectRef.of(record.id()),
                        layout.sliverRecord(record.id()),
                        "it is to be mounted at " + record.rootfs() + ", and so is sliver " + other,
                        "give one of them another rootfs");
            }
        }
    }
}
