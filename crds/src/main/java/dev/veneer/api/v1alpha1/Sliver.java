package dev.veneer.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A writable root file system on one node, derived from one base image. */
@Group("veneer.dev")
@Version("v1alpha1")
@ShortNames("slv")
@Categories("veneer")
@ValidationRule(value = Forms.NAME_RULE, message = Forms.NAME_SAYS)
@AdditionalSelectableField(jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "Node", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "Base", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.baseImage")
@AdditionalPrinterColumn(name = "Desired", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.desiredState")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Used",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.usage.exclusiveBytes")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
        name = "Driver",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.driver",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Store",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.store",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Revision",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.revision",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Container",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.container.state",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Rootfs",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.rootfs",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Message",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
        priority = 1)
// Otherwise each new object works its plural out anew, by regular expressions: a seventh of reading many.
@Plural("slivers")
public final class Sliver extends CustomResource<SliverSpec, SliverStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;
}
