package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.RebaseSpec;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.RebaseSummary;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.NextRevision;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.rebase.BaseDifference;
import dev.veneer.node.tree.rebase.RebasePlan;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What moving a sliver to another base would come to; reads only, also beside a running sliver. */
public final class RebasePreview {
    private static final Logger LOG = LoggerFactory.getLogger(RebasePreview.class);

    private final LinuxCalls calls;
    private final StoreLayout layout;
    private final DriverRegistry drivers;
    private final RootfsMounts mounts;
    private final KnownBases bases = new KnownBases();

    /**
     * Of slivers of one store.
     *
     * @param mounts to look at what an overlay with other options left
     */
    public RebasePreview(LinuxCalls calls, StoreLayout layout, DriverRegistry drivers, RootfsMounts mounts) {
        this.calls = calls;
        this.layout = layout;
        this.drivers = drivers;
        this.mounts = mounts;
    }

    /**
     * A move that was thought through.
     *
     * @param summary its figures
     * @param possible whether no conflict is left that nothing settles
     * @param json all of it, path by path
     */
    public record Told(RebaseSummary summary, boolean possible, String json) {}

    /**
     * Thinks it through. With strategy {@code PreserveView} there are no figures but how much it holds, at most.
     *
     * @param revisions numbers of all revisions of the sliver that there are, snapshots included
     * @param name of the BaseImage that it is to stand on
     * @param digest that one's content, which is in the store
     */
    public Told of(
            SliverRecord record,
            Collection<Integer> revisions,
            String name,
            Digest digest,
            RebaseSpec settings,
            List<String> pins)
            throws NodeException {
        StorageDriver driver = drivers.find(record.driver())
                .orElseThrow(() -> new NodeException(
                        Reason.DriverUnavailable,
                        Follow.STALLED,
                        "this version has no driver " + record.driver() + ", which made the sliver"));
        WritableStore store = new WritableStore(
                record.id(), record.revision(), layout.absoluteRevision(record.id(), record.revision()));
        Revision old = Revision.of(layout, store, driver, record.baseDigest());
        int next = NextRevision.after(revisions);
        try (OpenBase oldBase = OpenBase.open(calls, layout, bases, record.baseDigest(), driver.form());
                // The form that the driver wants is perhaps made only with the move; this one is always there.
                OpenBase newBase = OpenBase.open(calls, layout, bases, digest, BaseForm.DIR)) {
            BaseDifference difference = bases.between(record.baseDigest(), oldBase, digest, newBase);
            RebasePlan plan = Beside.again(() ->
                    read(old, from -> decision().decide(from, oldBase, newBase, difference, settings, pins, next)));
            RebaseSummary summary = RebaseDecision.summary(
                    record.baseName(), name, settings.strategy().name(), plan);
            return new Told(summary, !plan.failed(), RebaseReport.of(next, summary, plan));
        } catch (ForeignLayerException e) {
            throw RebaseDecision.foreign(record.id(), e);
        } catch (LinuxException e) {
            throw Failures.of(e, "comparing sliver " + record.id() + " with " + name);
        }
    }

    private RebaseDecision decision() {
        return new RebaseDecision(calls, layout.absoluteScratch());
    }

    /** Decides something of a revision. */
    private interface Deciding {
        RebasePlan by(RevisionReading from) throws LinuxException, NodeException, ForeignLayerException;
    }

    /** By what is stored, or, where only the kernel can tell what that means, by what it shows. */
    private RebasePlan read(Revision old, Deciding deciding)
            throws LinuxException, NodeException, ForeignLayerException {
        try (RevisionReading from = RevisionReading.there(calls, old)) {
            return deciding.by(from);
        } catch (ForeignLayerException e) {
            LOG.debug("the view of sliver {} is read: {}", old.store().sliver(), e.getMessage());
        }
        try (RevisionReading view = RevisionReading.beside(calls, mounts, old)) {
            return deciding.by(view);
        }
    }
}
