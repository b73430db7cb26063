"""The messages and parameters of LLRP, a row each: number, name, fields in the order of the wire.

Source: LLRP 1.1 (GS1), chapters 16 and 17 (binary encoding). A field is ``Name:kind``. Kinds: ``u1`` to ``u64`` and ``s8`` to
``s32`` are numbers of so many bits; ``text``, ``u8*``, ``u16*`` and ``u32*`` are counted by 16 bits before them; ``bits`` is
a bit count and whole octets; ``rest`` is everything that is left; ``-7`` are seven reserved bits. After its fields, a row
that has no ``rest`` holds parameters. Numbers below 128 are the short form without a length.
"""

MESSAGES = """
1 GET_READER_CAPABILITIES RequestedData:u8
11 GET_READER_CAPABILITIES_RESPONSE
2 GET_READER_CONFIG AntennaID:u16 RequestedData:u8 GPIPortNum:u16 GPOPortNum:u16
12 GET_READER_CONFIG_RESPONSE
3 SET_READER_CONFIG ResetToFactoryDefault:u1 -7
13 SET_READER_CONFIG_RESPONSE
14 CLOSE_CONNECTION
4 CLOSE_CONNECTION_RESPONSE
20 ADD_ROSPEC
30 ADD_ROSPEC_RESPONSE
21 DELETE_ROSPEC ROSpecID:u32
31 DELETE_ROSPEC_RESPONSE
22 START_ROSPEC ROSpecID:u32
32 START_ROSPEC_RESPONSE
23 STOP_ROSPEC ROSpecID:u32
33 STOP_ROSPEC_RESPONSE
24 ENABLE_ROSPEC ROSpecID:u32
34 ENABLE_ROSPEC_RESPONSE
25 DISABLE_ROSPEC ROSpecID:u32
35 DISABLE_ROSPEC_RESPONSE
26 GET_ROSPECS
36 GET_ROSPECS_RESPONSE
60 GET_REPORT
61 RO_ACCESS_REPORT
62 KEEPALIVE
72 KEEPALIVE_ACK
63 READER_EVENT_NOTIFICATION
64 ENABLE_EVENTS_AND_REPORTS
100 ERROR_MESSAGE
1023 CUSTOM_MESSAGE VendorIdentifier:u32 MessageSubtype:u8 Data:rest
"""

PARAMETERS = """
1 AntennaID AntennaID:u16
2 FirstSeenTimestampUTC Microseconds:u64
3 FirstSeenTimestampUptime Microseconds:u64
4 LastSeenTimestampUTC Microseconds:u64
5 LastSeenTimestampUptime Microseconds:u64
6 PeakRSSI PeakRSSI:s8
7 ChannelIndex ChannelIndex:u16
8 TagSeenCount TagCount:u16
9 ROSpecID ROSpecID:u32
10 InventoryParameterSpecID InventoryParameterSpecID:u16
11 C1G2_CRC CRC:u16
12 C1G2_PC PC_Bits:u16
13 EPC_96 EPC:u96
14 SpecIndex SpecIndex:u16
15 ClientRequestOpSpecResult OpSpecID:u16
16 AccessSpecID AccessSpecID:u32
17 OpSpecID OpSpecID:u16
18 C1G2SingulationDetails NumCollisionSlots:u16 NumEmptySlots:u16
19 C1G2XPCW1 XPC_W1:u16
20 C1G2XPCW2 XPC_W2:u16
128 UTCTimestamp Microseconds:u64
129 Uptime Microseconds:u64
137 GeneralDeviceCapabilities MaxNumberOfAntennaSupported:u16 CanSetAntennaProperties:u1 HasUTCClockCapability:u1 -14 \
DeviceManufacturerName:u32 ModelName:u32 ReaderFirmwareVersion:text
139 ReceiveSensitivityTableEntry Index:u16 ReceiveSensitivityValue:s16
149 PerAntennaReceiveSensitivityRange AntennaID:u16 ReceiveSensitivityIndexMin:u16 ReceiveSensitivityIndexMax:u16
140 PerAntennaAirProtocol AntennaID:u16 ProtocolID:u8*
141 GPIOCapabilities NumGPIs:u16 NumGPOs:u16
142 LLRPCapabilities CanDoRFSurvey:u1 CanReportBufferFillWarning:u1 SupportsClientRequestOpSpec:u1 \
CanDoTagInventoryStateAwareSingulation:u1 SupportsEventAndReportHolding:u1 -3 MaxNumPriorityLevelsSupported:u8 \
ClientRequestOpSpecTimeout:u16 MaxNumROSpecs:u32 MaxNumSpecsPerROSpec:u32 MaxNumInventoryParameterSpecsPerAISpec:u32 \
MaxNumAccessSpecs:u32 MaxNumOpSpecsPerAccessSpec:u32
143 RegulatoryCapabilities CountryCode:u16 CommunicationsStandard:u16
144 UHFBandCapabilities
145 TransmitPowerLevelTableEntry Index:u16 TransmitPowerValue:s16
146 FrequencyInformation Hopping:u1 -7
147 FrequencyHopTable HopTableID:u8 -8 Frequency:u32*
148 FixedFrequencyTable Frequency:u32*
327 C1G2LLRPCapabilities CanSupportBlockErase:u1 CanSupportBlockWrite:u1 -6 MaxNumSelectFiltersPerQuery:u16
328 UHFC1G2RFModeTable
329 UHFC1G2RFModeTableEntry ModeIdentifier:u32 DRValue:u1 EPCHAGTCConformance:u1 -6 MValue:u8 ForwardLinkModulation:u8 \
SpectralMaskIndicator:u8 BDRValue:u32 PIEValue:u32 MinTariValue:u32 MaxTariValue:u32 StepTariValue:u32
177 ROSpec ROSpecID:u32 Priority:u8 CurrentState:u8
178 ROBoundarySpec
179 ROSpecStartTrigger ROSpecStartTriggerType:u8
180 PeriodicTriggerValue Offset:u32 Period:u32
181 GPITriggerValue GPIPortNum:u16 GPIEvent:u1 -7 Timeout:u32
182 ROSpecStopTrigger ROSpecStopTriggerType:u8 DurationTriggerValue:u32
183 AISpec AntennaIDs:u16*
184 AISpecStopTrigger AISpecStopTriggerType:u8 DurationTrigger:u32
186 InventoryParameterSpec InventoryParameterSpecID:u16 ProtocolID:u8
217 LLRPConfigurationStateValue LLRPConfigurationStateValue:u32
218 Identification IDType:u8 ReaderID:u8*
220 KeepaliveSpec KeepaliveTriggerType:u8 PeriodicTriggerValue:u32
225 GPIPortCurrentState GPIPortNum:u16 Config:u1 -7 State:u8
226 EventsAndReports HoldEventsAndReportsUponReconnect:u1 -7
237 ROReportSpec ROReportTrigger:u8 N:u16
238 TagReportContentSelector EnableROSpecID:u1 EnableSpecIndex:u1 EnableInventoryParameterSpecID:u1 EnableAntennaID:u1 \
EnableChannelIndex:u1 EnablePeakRSSI:u1 EnableFirstSeenTimestamp:u1 EnableLastSeenTimestamp:u1 EnableTagSeenCount:u1 \
EnableAccessSpecID:u1 -6
348 C1G2EPCMemorySelector EnableCRC:u1 EnablePCBits:u1 -6
240 TagReportData
241 EPCData EPC:bits
244 ReaderEventNotificationSpec
245 EventNotificationState EventType:u16 NotificationState:u1 -7
246 ReaderEventNotificationData
247 HoppingEvent HopTableID:u16 NextChannelIndex:u16
248 GPIEvent GPIPortNumber:u16 GPIEvent:u1 -7
249 ROSpecEvent EventType:u8 ROSpecID:u32 PreemptingROSpecID:u32
250 ReportBufferLevelWarningEvent ReportBufferPercentageFull:u8
251 ReportBufferOverflowErrorEvent
252 ReaderExceptionEvent Message:text
253 RFSurveyEvent EventType:u8 ROSpecID:u32 SpecIndex:u16
254 AISpecEvent EventType:u8 ROSpecID:u32 SpecIndex:u16
255 AntennaEvent EventType:u8 AntennaID:u16
256 ConnectionAttemptEvent Status:u16
257 ConnectionCloseEvent
287 LLRPStatus StatusCode:u16 ErrorDescription:text
288 FieldError FieldNum:u16 ErrorCode:u16
289 ParameterError ParameterType:u16 ErrorCode:u16
1023 Custom VendorIdentifier:u32 ParameterSubtype:u32 Data:rest
"""
