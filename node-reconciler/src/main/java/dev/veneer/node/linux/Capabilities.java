package dev.veneer.node.linux;

/** The capability sets of a thread, one bit a capability. */
public record Capabilities(long effective, long permitted, long inheritable) {}
