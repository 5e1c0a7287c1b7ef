// SPDX-License-Identifier: Apache-2.0
import type { components } from './schema.gen';

// Short names for the schemas of the contract; the shapes themselves are generated.
export type Schema<K extends keyof components['schemas']> = components['schemas'][K];

export type Session = Schema<'Session'>;
export type SessionTenant = Schema<'SessionTenant'>;
export type Role = Schema<'Role'>;
export type Tenant = Schema<'Tenant'>;
export type Equipment = Schema<'Equipment'>;
export type EquipmentLevel = Schema<'EquipmentLevel'>;
export type Driver = Schema<'Driver'>;
export type FormSchema = Schema<'FormSchema'>;
export type Link = Schema<'Link'>;
export type Device = Schema<'Device'>;
export type DeviceClass = Schema<'DeviceClass'>;
export type ConnectionState = Schema<'ConnectionState'>;
export type Reason = Schema<'Reason'>;
export type Origin = Schema<'Origin'>;
export type Point = Schema<'Point'>;
export type PointValue = Schema<'PointValue'>;
export type ValueList = Schema<'ValueList'>;
export type Scalar = Schema<'Scalar'>;
export type QualityClass = Schema<'QualityClass'>;
export type SearchAnswer = Schema<'SearchAnswer'>;
export type SearchHit = Schema<'SearchHit'>;
export type SearchKind = Schema<'SearchKind'>;
export type Overview = Schema<'Overview'>;
export type SourceRow = Schema<'SourceRow'>;
export type KarezEvent = Schema<'Event'>;
export type User = Schema<'User'>;
export type Token = Schema<'Token'>;
