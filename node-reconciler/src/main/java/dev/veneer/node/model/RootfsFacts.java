package dev.veneer.node.model;

/** What is mounted at a sliver's rootfs, as the mount table and the directory tell. */
public sealed interface RootfsFacts {
    /** Nothing is mounted there. */
    record Absent() implements RootfsFacts {}

    /**
     * The topmost mount is this sliver's.
     *
     * @param revision of which revision, 0 when it cannot be told
     * @param mapped whether its ids are mapped
     * @param sound whether it is what it should be: the right layers, writable, visible once
     * @param what what is wrong, for people; empty when sound
     */
    record Ours(int revision, boolean mapped, boolean sound, String what) implements RootfsFacts {}

    /** Somebody else's mount is on top. Never touched. */
    record Foreign(String what) implements RootfsFacts {}
}
