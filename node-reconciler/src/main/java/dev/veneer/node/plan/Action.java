package dev.veneer.node.plan;

import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing to do, and why. Actions are values: they say what, the executor knows how. When one fails, the later ones
 * of the same object, and of the objects that need it, are not tried.
 */
public sealed interface Action
        permits Rewrite,
                Action.OfSliver,
                Action.OfRecord,
                Action.OfBase,
                Action.Removing,
                Action.ImportImage,
                Action.MakeForm,
                Action.RecordImage,
                Action.RecordStore,
                Action.CreateSliver,
                Action.StartContainer,
                Action.EmptyTrash {
    /** Which object it is about. */
    ObjectRef object();

    /** Why, in words for people. */
    String reason();

    /** When in the plan it is carried out. */
    Phase phase();

    /** Calls the visitor's method for this kind of action. */
    <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X;

    /** About a sliver by its name. */
    sealed interface OfSliver extends Action {
        SliverId id();

        @Override
        default ObjectRef object() {
            return ObjectRef.of(id());
        }
    }

    /** About a sliver whose record is replaced. */
    sealed interface OfRecord extends Action {
        SliverRecord record();

        @Override
        default ObjectRef object() {
            return ObjectRef.of(record().id());
        }
    }

    /** About a base's tree. */
    sealed interface OfBase extends Action {
        Digest digest();

        @Override
        default ObjectRef object() {
            return ObjectRef.base(digest());
        }

        @Override
        default Phase phase() {
            return Phase.COLLECT;
        }
    }

    /** Takes something away. */
    sealed interface Removing extends Action {
        @Override
        default Phase phase() {
            return Phase.REMOVE;
        }
    }

    /** Stops the container, with grace and then without. */
    record StopContainer(SliverId id, Duration grace, String reason) implements OfSliver {
        @Override
        public Phase phase() {
            return Phase.STOP;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.stopContainer(this);
        }
    }

    /** Unmounts the rootfs; never lazily. */
    record Unmount(SliverId id, String target, String reason) implements OfSliver {
        @Override
        public Phase phase() {
            return Phase.UNMOUNT;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.unmount(this);
        }
    }

    /**
     * Imports a base image.
     *
     * @param image what is declared
     * @param expected the digest that it must have, or null at the first import
     * @param record the record to write when done, but for its digest
     */
    record ImportImage(DesiredBaseImage image, @Nullable Digest expected, ImageRecord record, String reason)
            implements Action {
        @Override
        public ObjectRef object() {
            return ObjectRef.image(image.name());
        }

        @Override
        public Phase phase() {
            return Phase.IMPORT;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.importImage(this);
        }
    }

    /**
     * Makes another form of a base.
     *
     * @param imageName the BaseImage, whose digest a plan made before its import does not know yet
     * @param digest the base, or null when {@code imageName} is imported by this very plan
     * @param form which form
     */
    record MakeForm(String imageName, @Nullable Digest digest, BaseForm form, String reason) implements Action {
        @Override
        public ObjectRef object() {
            return ObjectRef.image(imageName);
        }

        @Override
        public Phase phase() {
            return Phase.FORM;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.makeForm(this);
        }
    }

    /** Replaces a BaseImage's record. */
    record RecordImage(ImageRecord record, String reason) implements Action {
        @Override
        public ObjectRef object() {
            return ObjectRef.image(record.name());
        }

        @Override
        public Phase phase() {
            return Phase.RECORD;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.recordImage(this);
        }
    }

    /** Replaces the record of the store's own NodeStore. */
    record RecordStore(NodeStoreRecord record, String reason) implements Action {
        @Override
        public ObjectRef object() {
            return ObjectRef.store(record.name());
        }

        @Override
        public Phase phase() {
            return Phase.RECORD;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.recordStore(this);
        }
    }

    /**
     * Makes a sliver: its writable store and its record.
     *
     * @param sliver what is declared
     * @param sourceId the source that declares it
     * @param storeName the NodeStore
     * @param driver the driver, resolved
     * @param driverReason why this one
     * @param form the form of the base that it needs
     * @param rootfs where it will be mounted
     * @param digest the base, or null when it is imported by this very plan
     * @param idRange its range, or null when it does not need one yet
     */
    record CreateSliver(
            DesiredSliver sliver,
            String sourceId,
            String storeName,
            String driver,
            String driverReason,
            BaseForm form,
            String rootfs,
            @Nullable Digest digest,
            @Nullable IdRange idRange,
            String reason)
            implements Action {
        @Override
        public ObjectRef object() {
            return ObjectRef.of(sliver.id());
        }

        @Override
        public Phase phase() {
            return Phase.RECORD;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.createSliver(this);
        }
    }

    /** Replaces a sliver's record without changing its data. */
    record UpdateSliver(SliverRecord record, String reason) implements OfRecord {
        @Override
        public Phase phase() {
            return Phase.RECORD;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.updateSliver(this);
        }
    }

    /**
     * Starts a sliver again from its base: a new revision, the one before kept as the record says.
     *
     * @param record the record that names the new revision
     * @param sliver what is declared
     */
    record NewInstance(SliverRecord record, DesiredSliver sliver, String reason) implements OfRecord {
        @Override
        public Phase phase() {
            return Phase.RECORD;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.newInstance(this);
        }
    }

    /**
     * Mounts the rootfs.
     *
     * @param id the sliver
     * @param mapped with its id range
     */
    record Mount(SliverId id, boolean mapped, String reason) implements OfSliver {
        @Override
        public Phase phase() {
            return Phase.MOUNT;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.mount(this);
        }
    }

    /** Attaches the mount that the running container still holds at the rootfs again. */
    record Reattach(SliverId id, int pid, String reason) implements OfSliver {
        @Override
        public Phase phase() {
            return Phase.MOUNT;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.reattach(this);
        }
    }

    /** Starts the container. */
    record StartContainer(DesiredSliver sliver, String reason) implements Action {
        @Override
        public ObjectRef object() {
            return ObjectRef.of(sliver.id());
        }

        @Override
        public Phase phase() {
            return Phase.START;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.startContainer(this);
        }
    }

    /**
     * Runs inside a container that was just started what a rebase left to be done there.
     *
     * @param record without the commands
     * @param commands in this order
     */
    record RunInside(SliverRecord record, List<Rerun> commands, String reason) implements OfRecord {
        public RunInside {
            commands = List.copyOf(commands);
        }

        @Override
        public Phase phase() {
            return Phase.RUN_INSIDE;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.rerun(this);
        }
    }

    /**
     * Copies a sliver's writable store as it is, running or not.
     *
     * @param record naming the snapshot
     * @param number of the snapshot
     */
    record TakeSnapshot(SliverRecord record, int number, String reason) implements OfRecord {
        @Override
        public Phase phase() {
            return Phase.SNAPSHOT;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.takeSnapshot(this);
        }
    }

    /** Removes a kept revision whose time has come; the record no longer names it. */
    record DropRevision(SliverRecord record, int revision, String reason) implements OfRecord, Removing {
        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.dropRevision(this);
        }
    }

    /** Removes an expired sliver's data; its record stays. */
    record DeleteData(SliverRecord record, String reason) implements OfRecord, Removing {
        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.deleteData(this);
        }
    }

    /** Removes a sliver: record and data go to the trash together. */
    record RemoveSliver(SliverId id, String reason) implements OfSliver, Removing {
        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.removeSliver(this);
        }
    }

    /** Removes a BaseImage's record; the tree stays until it is collected. */
    record ForgetImage(String name, String reason) implements Removing {
        @Override
        public ObjectRef object() {
            return ObjectRef.image(name);
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.forgetImage(this);
        }
    }

    /**
     * Notes since when a base is unreferenced, or that it no longer is: that together with what will reference it.
     *
     * @param since since when, or null when it is referenced
     * @param keep how long it is kept from then
     */
    record MarkBase(Digest digest, @Nullable Instant since, Duration keep, String reason) implements OfBase {
        @Override
        public Phase phase() {
            return since == null ? Phase.RECORD : Phase.COLLECT;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.markBase(this);
        }
    }

    /** Removes a base that nothing references. */
    record RemoveBase(Digest digest, String reason) implements OfBase {
        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.removeBase(this);
        }
    }

    /** Removes what earlier actions, of this run or a killed one, put into the trash. */
    record EmptyTrash(String storeName, String reason) implements Action {
        @Override
        public ObjectRef object() {
            return ObjectRef.store(storeName);
        }

        @Override
        public Phase phase() {
            return Phase.COLLECT;
        }

        @Override
        public <R, X extends Exception> R accept(ActionVisitor<R, X> visitor) throws X {
            return visitor.emptyTrash(this);
        }
    }
}
