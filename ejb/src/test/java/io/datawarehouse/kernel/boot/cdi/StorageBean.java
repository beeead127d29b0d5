package io.datawarehouse.kernel.boot.cdi;

import io.datawarehouse.kernel.boot.FakeStoragePlugin;
import io.datawarehouse.sdk.plugin.Plugin;

/** A store that the container finds. */
@Plugin
public class StorageBean extends FakeStoragePlugin {}
