package dev.veneer.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A directory on a node in which Veneer keeps base images and writable stores. */
@Group("veneer.dev")
@Version("v1alpha1")
@ShortNames("nst")
@Categories("veneer")
@ValidationRule(value = Forms.NAME_RULE, message = Forms.NAME_SAYS)
@AdditionalSelectableField(jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "Node", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Slivers",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.usage.slivers")
@AdditionalPrinterColumn(
        name = "Free",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.capacity.freeBytes")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
        name = "Path",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.path",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Saved",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.usage.savedBytes",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Orphans",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.orphans",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Message",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
        priority = 1)
// Otherwise each new object works its plural out anew, by regular expressions: a seventh of reading many.
@Plural("nodestores")
public final class NodeStore extends CustomResource<NodeStoreSpec, NodeStoreStatus> {
    private static final long serialVersionUID = 1L;
}
