package dev.veneer.node.plan;

/**
 * One method a kind of action, so that the compiler lists all that must be extended with a new one.
 *
 * @param <R> what is returned
 * @param <X> what may be thrown
 */
public interface ActionVisitor<R, X extends Exception> {
    R stopContainer(Action.StopContainer action) throws X;

    R unmount(Action.Unmount action) throws X;

    R importImage(Action.ImportImage action) throws X;

    R makeForm(Action.MakeForm action) throws X;

    R recordImage(Action.RecordImage action) throws X;

    R recordStore(Action.RecordStore action) throws X;

    R createSliver(Action.CreateSliver action) throws X;

    R updateSliver(Action.UpdateSliver action) throws X;

    R newInstance(Action.NewInstance action) throws X;

    R compact(Rewrite.Compact action) throws X;

    R rebase(Rewrite.Rebase action) throws X;

    R restore(Rewrite.Restore action) throws X;

    R takeSnapshot(Action.TakeSnapshot action) throws X;

    R rerun(Action.RunInside action) throws X;

    R mount(Action.Mount action) throws X;

    R reattach(Action.Reattach action) throws X;

    R startContainer(Action.StartContainer action) throws X;

    R dropRevision(Action.DropRevision action) throws X;

    R deleteData(Action.DeleteData action) throws X;

    R removeSliver(Action.RemoveSliver action) throws X;

    R forgetImage(Action.ForgetImage action) throws X;

    R markBase(Action.MarkBase action) throws X;

    R removeBase(Action.RemoveBase action) throws X;

    R emptyTrash(Action.EmptyTrash action) throws X;
}
