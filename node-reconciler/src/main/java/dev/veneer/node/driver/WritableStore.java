package dev.veneer.node.driver;

import dev.veneer.node.model.SliverId;

/**
 * One revision of one sliver's writable store, wherever it lies now (staging, in place, trash).
 *
 * @param sliver whose
 * @param revision its number, from 1
 * @param path absolute path of its directory
 */
public record WritableStore(SliverId sliver, int revision, String path) {}
