package dev.veneer.node.model;

/**
 * What a compaction came to.
 *
 * @param before bytes that the writable store took
 * @param after bytes that it takes
 */
public record CompactionSummary(long before, long after) {}
