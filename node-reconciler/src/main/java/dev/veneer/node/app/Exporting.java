package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.cli.ExportCommand;
import dev.veneer.node.cli.ExportFormat;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.SliverReading;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.image.export.ExportListener;
import dev.veneer.node.image.export.ExportSource;
import dev.veneer.node.image.export.Exported;
import dev.veneer.node.image.export.Exporter;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.service.Signals;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.rewrite.Change;

/** {@code veneer export}: reads the store beside whoever works on it, and says when that came in between. */
public final class Exporting implements ExportCommand.Exporting {
    @Override
    public ExportCommand.Result export(
            StoreOptions store, SliverId id, ExportFormat format, String to, Progress progress) throws NodeException {
        Telling telling = new Telling(progress);
        Signals signals = Signals.handle(telling::stop, telling::stop);
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            return export(node, id, format, to, telling);
        } finally {
            signals.close();
        }
    }

    static ExportCommand.Result export(NodeParts node, SliverId id, ExportFormat format, String to, Telling telling)
            throws NodeException {
        Lookup.sliver(node, id);
        String scratchPath = node.store().layout().absoluteScratch();
        LongWork work = new LongWork(telling::isStopped);
        try (SliverReading sliver = work.during(
                        () -> SliverReading.open(node.calls(), node.store(), node.runtime(), node.mounts(), id));
                Fd scratch = new Fd(node.calls(), new SafeOpen(node.calls()).ownDirectory(scratchPath))) {
            telling.begin("comparing " + id + " with its base", 0);
            Change change = work.during(() -> sliver.change(scratch.number()));
            boolean whole = format == ExportFormat.IMAGE;
            long base = whole ? baseBytes(node, sliver.record()) : 0;
            telling.begin("exporting " + id, base + change.tally().heldBytes());
            Exported exported = new Exporter(node.calls())
                    .run(source(sliver, change), whole, to, telling, sliver::requireUnchanged);
            return new ExportCommand.Result(exported.digest(), exported.bytes(), exported.paths(), exported.sockets());
        } catch (StopRequested e) {
            throw Telling.stopped();
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.Failed,
                    Follow.RETRY,
                    "sliver " + id + " cannot be exported to " + to + ": " + e.getMessage(),
                    e);
        }
    }

    private static ExportSource source(SliverReading sliver, Change change) {
        SliverRecord record = sliver.record();
        return new ExportSource(
                record.id().toString(),
                record.id().name(),
                record.baseDigest().toString(),
                sliver.records(),
                sliver.base(),
                sliver.tree(),
                sliver.isUpper(),
                change);
    }

    private static long baseBytes(NodeParts node, SliverRecord record) throws NodeException {
        BaseRecord base = node.store().scanOwnChanges().bases().get(record.baseDigest());
        return base == null ? 0 : base.bytes();
    }

    /** Tells a person how far it is, and ends it when that is wanted. */
    static final class Telling implements ExportListener {
        private final Progress progress;
        private volatile boolean stopped;
        private long done;

        Telling(Progress progress) {
            this.progress = progress;
        }

        void begin(String what, long total) {
            progress.begin(what, total, Progress.Unit.BYTES);
        }

        void stop() {
            stopped = true;
        }

        boolean isStopped() {
            return stopped;
        }

        private static NodeException stopped() {
            return new NodeException(Reason.Failed, Follow.RETRY, "the export was stopped; nothing was written");
        }

        @Override
        public void read(long bytes) {
            done += bytes;
            progress.reached(done);
        }

        @Override
        public void checkpoint() throws NodeException {
            if (stopped) {
                throw stopped();
            }
        }
    }
}
